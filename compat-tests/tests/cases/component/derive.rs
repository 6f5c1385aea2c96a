//! Values of components of a host's own types: records, variants, enums and flags that every major passes.

use compat_tests::{engine, pass_on};
use wasmtime_compat::component::{self, Component, ComponentType, Lift, Lower, flags};
use wasmtime_compat::{Store, StoreContextMut};

use super::V;

#[derive(Clone, ComponentType, Debug, Lift, Lower, PartialEq)]
#[component(record)]
struct Person {
    id: u32,
    #[component(name = "full-name")]
    name: String,
    marks: Vec<u32>,
}

#[derive(Clone, ComponentType, Debug, Lift, Lower, PartialEq)]
#[component(variant)]
enum Shape {
    #[component(name = "point")]
    Point,
    #[component(name = "circle")]
    Circle(f64),
    #[component(name = "named")]
    Named(Person),
}

#[derive(Clone, ComponentType, Copy, Debug, Eq, Lift, Lower, PartialEq)]
#[component(enum)]
#[repr(u8)]
enum Color {
    #[component(name = "red")]
    Red,
    #[component(name = "dark-blue")]
    DarkBlue,
}

flags! {
    /// Flags in one byte.
    Access {
        #[component(name = "read")]
        const READ;
        /// The second.
        #[component(name = "write")]
        const WRITE;
        #[component(name = "run")]
        const RUN;
    }
}

/// A record with a type parameter, whose values can be borrowed.
#[derive(Clone, ComponentType, Debug, Lower, PartialEq)]
#[component(record)]
struct Labelled<'a, T> {
    label: &'a str,
    value: T,
}

#[derive(Clone, ComponentType, Debug, Lift, PartialEq)]
#[component(record)]
struct OwnedLabelled<T> {
    label: String,
    value: T,
}

const WIT: &str = "
    package test:derive;
    interface types {
        record person { id: u32, full-name: string, marks: list<u32> }
        variant shape { point, circle(f64), named(person) }
        enum color { red, dark-blue }
        flags access { read, write, run }
        record labelled { label: string, value: color }
    }
    world echo {
        use types.{person, shape, color, access, labelled};
        import host: interface {
            use types.{person, shape, color, access, labelled};
            take-person: func(x: person) -> person;
            shapes: func(x: list<shape>) -> list<shape>;
            small: func(x: color, y: access) -> tuple<color, access>;
            take-labelled: func(x: labelled) -> labelled;
        }
        export take-person: func(x: person) -> person;
        export shapes: func(x: list<shape>) -> list<shape>;
        export small: func(x: color, y: access) -> tuple<color, access>;
        export take-labelled: func(x: labelled) -> labelled;
    }";

type Context<'a> = StoreContextMut<'a, V, Vec<String>>;

#[test]
fn derived_values() {
    let engine = engine::<V>();
    let component = Component::new(&engine, &pass_on(WIT)).unwrap();
    let mut linker = component::Linker::<V, Vec<String>>::new(&engine);
    let mut host = linker.instance("host").unwrap();
    host.func_wrap("take-person", |mut context: Context<'_>, (x,): (Person,)| {
        context.data_mut().push(x.name.clone());
        Ok((x,))
    })
    .unwrap();
    host.func_wrap("shapes", |_: Context<'_>, (x,): (Vec<Shape>,)| Ok((x,))).unwrap();
    host.func_wrap("small", |_: Context<'_>, (x, y): (Color, Access)| Ok(((x, y),))).unwrap();
    host.func_wrap("take-labelled", |_: Context<'_>, (x,): (OwnedLabelled<Color>,)| {
        let label: &'static str = if x.label == "long" { "short" } else { "" };
        Ok((Labelled { label, value: x.value },))
    })
    .unwrap();
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate_pre(&component).unwrap().instantiate(&mut store).unwrap();

    let ada = Person { id: 7, name: "Ada".into(), marks: vec![1, 2, 3] };
    let person = instance.get_typed_func::<(Person,), (Person,)>(&mut store, "take-person").unwrap();
    assert_eq!(person.call(&mut store, (ada.clone(),)).unwrap(), (ada.clone(),));
    let borrowed = instance.get_typed_func::<(&Person,), (Person,)>(&mut store, "take-person").unwrap();
    assert_eq!(borrowed.call(&mut store, (&ada,)).unwrap(), (ada.clone(),));
    assert_eq!(*store.data(), ["Ada", "Ada"]);

    let all = [Shape::Point, Shape::Circle(1.5), Shape::Named(ada)];
    let shapes = instance.get_typed_func::<(&[Shape],), (Vec<Shape>,)>(&mut store, "shapes").unwrap();
    assert_eq!(shapes.call(&mut store, (&all,)).unwrap(), (all.to_vec(),));

    let small = instance.get_typed_func::<(Color, Access), ((Color, Access),)>(&mut store, "small").unwrap();
    for access in [Access::empty(), Access::READ, Access::WRITE | Access::RUN, Access::all()] {
        for color in [Color::Red, Color::DarkBlue] {
            assert_eq!(small.call(&mut store, (color, access)).unwrap(), ((color, access),));
        }
    }

    let label = Labelled { label: "long", value: Color::Red };
    let labelled = instance
        .get_typed_func::<(Labelled<'_, Color>,), (OwnedLabelled<Color>,)>(&mut store, "take-labelled")
        .unwrap();
    let expected = OwnedLabelled { label: "short".to_owned(), value: Color::Red };
    assert_eq!(labelled.call(&mut store, (label,)).unwrap(), (expected,));
}

#[test]
fn derived_values_of_another_type_are_refused() {
    #[derive(ComponentType, Lift, Lower)]
    #[component(record)]
    struct Other {
        id: u32,
        name: String,
        marks: Vec<u32>,
    }

    let engine = engine::<V>();
    let component = Component::new(&engine, &pass_on(WIT)).unwrap();
    let mut linker = component::Linker::<V, ()>::new(&engine);
    let other = |_: StoreContextMut<'_, V, ()>, (x,): (Other,)| Ok((x,));
    linker.instance("host").unwrap().func_wrap("take-person", other).unwrap();
    let error = linker.instantiate_pre(&component).err().unwrap();
    assert_eq!(error.kind(), wasmtime_compat::ErrorKind::Link);
}

#[test]
fn flags_are_sets() {
    let both = Access::READ | Access::RUN;
    assert!(both.contains(Access::READ) && !both.contains(Access::WRITE) && both.intersects(Access::all()));
    assert_eq!(!both, Access::WRITE);
    assert_eq!(Access::all() ^ both, Access::WRITE);
    assert_eq!(format!("{both:?}"), "(READ|RUN)");
    assert_eq!(both.as_array(), [0b101]);
}
