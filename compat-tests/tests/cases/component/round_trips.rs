//! Random values of every kind, from the host into a guest, out of it and back: typed and dynamic, and both on one guest.

use compat_tests::bindings::{self, all_guest};
use compat_tests::random_values::{Random, Type, Types};
use compat_tests::{engine, pass_on};
use wasmtime_compat::component::{self, Component, HasSelf, Linker, Val, types};
use wasmtime_compat::{Store, StoreContextMut};

use bindings::all::test::all::api::{Access, Color, Failure, Person, Point, Shape};

use super::V;
use super::bindgen::Host;

/// How many worlds of random types, and functions in each.
const WORLDS: u64 = 4;
const FUNCTIONS: u64 = 6;

fn same(
    _: StoreContextMut<'_, V, ()>,
    _: types::ComponentFunc,
    params: &[Val],
    results: &mut [Val],
) -> anyhow::Result<()> {
    results.clone_from_slice(params);
    Ok(())
}

#[test]
fn random_values_of_random_types() {
    let engine = engine::<V>();
    for seed in 0..WORLDS {
        let mut types = Types::new(seed);
        let functions: Vec<Type> = (0..FUNCTIONS).map(|_| types.any(3)).collect();
        let mut wit = format!("package test:random;\ninterface api {{\n{}", types.definitions);
        for (index, ty) in functions.iter().enumerate() {
            let ty = ty.wit();
            wit.push_str(&format!("f{index}: func(a: {ty}) -> {ty};\n"));
        }
        wit.push_str("}\nworld random { import api; export api; }\n");
        let component = Component::new(&engine, pass_on(&wit)).unwrap_or_else(|error| panic!("{error}\n{wit}"));
        let mut linker = component::Linker::new(&engine);
        let mut instance = linker.instance("test:random/api").unwrap();
        (0..functions.len()).for_each(|index| instance.func_new(&format!("f{index}"), same).unwrap());
        let mut random = Random::new(seed);
        for (index, ty) in functions.iter().enumerate() {
            let name = format!("f{index}");
            for _ in 0..8 {
                let mut store = Store::new(&engine, ());
                let instance = linker.instantiate(&mut store, &component).unwrap();
                let func = instance.get_func(&mut store, ("test:random/api", name.as_str())).unwrap();
                let value = random.value(ty);
                let mut results = [Val::Bool(false)];
                func.call(&mut store, std::slice::from_ref(&value), &mut results)
                    .unwrap_or_else(|error| panic!("seed {seed}, {name}: {error:?}\n{wit}"));
                assert_eq!(results[0], value, "seed {seed}, {name} of\n{wit}");
            }
        }
    }
}

fn person(random: &mut Random) -> Person {
    let marks = random.list(|random| random.number() as u32);
    Person { id: random.number() as u32, full_name: random.text(), marks }
}

fn shape(random: &mut Random) -> Shape {
    match random.below(3) {
        0 => Shape::None,
        1 => Shape::Circle(random.float()),
        _ => Shape::Named(person(random)),
    }
}

/// Calls a typed host dynamically, through the guest: values of both ways are the same.
fn dynamically(store: &mut Store<V, Host>, instance: &component::Instance<V>, name: &str, value: Val) -> Val {
    let func = instance.get_func(&mut *store, ("test:all/api@1.2.0", name)).unwrap();
    let mut results = [Val::Bool(false)];
    func.call(&mut *store, &[value], &mut results).unwrap();
    let [result] = results;
    result
}

fn val_of_person(person: &Person) -> Val {
    let marks = person.marks.iter().copied().map(Val::U32).collect();
    Val::Record(vec![
        ("id".to_owned(), Val::U32(person.id)),
        ("full-name".to_owned(), person.full_name.as_str().into()),
        ("marks".to_owned(), Val::List(marks)),
    ])
}

fn val_of_shape(shape: &Shape) -> Val {
    match shape {
        Shape::None => Val::Variant("none".to_owned(), None),
        Shape::Circle(radius) => Val::Variant("circle".to_owned(), Some(Box::new(Val::Float64(*radius)))),
        Shape::Named(person) => Val::Variant("named".to_owned(), Some(Box::new(val_of_person(person)))),
    }
}

#[test]
fn random_values_of_bindings() {
    let engine = engine::<V>();
    let component = Component::new(&engine, all_guest()).unwrap();
    let mut linker = Linker::<V, Host>::new(&engine);
    bindings::all::All::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).unwrap();
    let pre = linker.instantiate_pre(&component).unwrap();
    let mut random = Random::new(15);
    for _ in 0..24 {
        let mut store = Store::new(&engine, Host::default());
        let instance = pre.instantiate(&mut store).unwrap();
        let all = bindings::all::All::new(&mut store, &instance).unwrap();
        let api = all.test_all_api();

        let (a, b, c, d) = (random.below(2) == 1, random.number(), random.number(), random.number());
        let integers = (a, b as u8, b as i8, c as u16, c as i16, d as u32, d as i32);
        let returned = api.call_integers(&mut store, a, b as u8, b as i8, c as u16, c as i16, d as u32, d as i32);
        assert_eq!(returned.unwrap(), integers);
        let (c, d, e) = (random.float() as f32, random.float(), random.char());
        assert_eq!(api.call_numbers(&mut store, b, b as i64, c, d, e).unwrap(), (b, b as i64, c, d, e));
        let point = Point { x: b as i32, y: random.number() as i32 };
        assert_eq!(api.call_take_point(&mut store, point).unwrap(), point);

        let one = person(&mut random);
        assert_eq!(api.call_take_person(&mut store, &one).unwrap(), one);
        let val = val_of_person(&one);
        assert_eq!(dynamically(&mut store, &instance, "take-person", val.clone()), val);
        let shapes = random.list(shape);
        assert_eq!(api.call_shapes(&mut store, &shapes).unwrap(), shapes);
        let val = Val::List(shapes.iter().map(val_of_shape).collect());
        assert_eq!(dynamically(&mut store, &instance, "shapes", val.clone()), val);

        let color = if a { Color::Red } else { Color::DarkBlue };
        let access = [Access::READ, Access::WRITE, Access::LOOK_UP];
        let access = access
            .into_iter()
            .fold(Access::empty(), |all, flag| all | if random.below(2) == 0 { flag } else { Access::empty() });
        assert_eq!(api.call_small(&mut store, color, access).unwrap(), (color, access));
        let names = random.list(Random::text);
        assert_eq!(api.call_take_names(&mut store, &names).unwrap(), names);
        let val = Val::List(names.into_iter().map(Val::String).collect());
        assert_eq!(dynamically(&mut store, &instance, "take-names", val.clone()), val);
        let (text, number) = (random.text(), Some(Some(d as u32)).filter(|_| a));
        let maybe = api.call_maybe(&mut store, Some(&text), number).unwrap();
        assert_eq!(maybe, (Some(text.clone()), number));
        let outcome = if a { Ok(text.as_str()) } else { Err(Failure::Denied) };
        assert_eq!(api.call_outcome(&mut store, outcome).unwrap(), outcome.map(str::to_owned));
    }
}
