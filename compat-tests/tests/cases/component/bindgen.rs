//! Bindings from WIT: types, hosts, guests, resources, and types that two worlds share.

use compat_tests::bindings::{self, Counters, HostFailure, all_guest, resources_guest};
use compat_tests::{async_engine, engine, pass_on, runtime};
use wasmtime_compat::component::{Component, HasSelf, Linker, Resource};
use wasmtime_compat::{CoreWasmtime, ErrorKind, Store};

use super::V;

/// A host that returns what it gets, and remembers which functions were called.
#[derive(Default)]
struct Host {
    calls: Vec<&'static str>,
}

mod sync_host {
    use compat_tests::bindings::all::test::all::api::{self, Access, Color, Failure, Names, Person, Point, Shape};
    use compat_tests::bindings::all::{AllImports, test::all::types};

    use super::Host;

    type Integers = (bool, u8, i8, u16, i16, u32, i32);

    impl types::Host for Host {}

    impl api::Host for Host {
        fn integers(&mut self, a: bool, b: u8, c: i8, d: u16, e: i16, f: u32, g: i32) -> Integers {
            (a, b, c, d, e, f, g)
        }

        fn numbers(&mut self, a: u64, b: i64, c: f32, d: f64, e: char) -> (u64, i64, f32, f64, char) {
            (a, b, c, d, e)
        }

        fn take_person(&mut self, person: Person) -> Person {
            self.calls.push("person");
            person
        }

        fn take_point(&mut self, point: Point) -> Point {
            point
        }

        fn shapes(&mut self, shapes: Vec<Shape>) -> Vec<Shape> {
            shapes
        }

        fn small(&mut self, color: Color, access: Access) -> (Color, Access) {
            (color, access)
        }

        fn take_names(&mut self, names: Names) -> Names {
            names
        }

        fn maybe(
            &mut self,
            text: Option<String>,
            number: Option<Option<u32>>,
        ) -> (Option<String>, Option<Option<u32>>) {
            (text, number)
        }

        fn outcome(&mut self, outcome: Result<String, Failure>) -> Result<String, Failure> {
            outcome
        }

        fn empty(&mut self, outcome: Result<(), ()>) -> Result<(), ()> {
            outcome
        }

        fn nothing(&mut self) {
            self.calls.push("nothing");
        }

        fn type_(&mut self, match_: u32) -> u32 {
            match_
        }
    }

    impl AllImports for Host {
        fn log(&mut self, text: String) -> String {
            self.calls.push("log");
            text
        }
    }
}

mod async_host {
    use compat_tests::bindings::asynchronous::AllImports;
    use compat_tests::bindings::asynchronous::test::all::api::{
        self, Access, Color, Failure, Names, Person, Point, Shape,
    };

    use super::Host;

    type Integers = (bool, u8, i8, u16, i16, u32, i32);

    impl api::Host for Host {
        async fn integers(&mut self, a: bool, b: u8, c: i8, d: u16, e: i16, f: u32, g: i32) -> Integers {
            (a, b, c, d, e, f, g)
        }

        async fn numbers(&mut self, a: u64, b: i64, c: f32, d: f64, e: char) -> (u64, i64, f32, f64, char) {
            (a, b, c, d, e)
        }

        async fn take_person(&mut self, person: Person) -> Person {
            tokio::task::yield_now().await;
            self.calls.push("person");
            person
        }

        async fn take_point(&mut self, point: Point) -> Point {
            point
        }

        async fn shapes(&mut self, shapes: Vec<Shape>) -> Vec<Shape> {
            shapes
        }

        async fn small(&mut self, color: Color, access: Access) -> (Color, Access) {
            (color, access)
        }

        async fn take_names(&mut self, names: Names) -> Names {
            names
        }

        async fn maybe(
            &mut self,
            text: Option<String>,
            number: Option<Option<u32>>,
        ) -> (Option<String>, Option<Option<u32>>) {
            (text, number)
        }

        async fn outcome(&mut self, outcome: Result<String, Failure>) -> Result<String, Failure> {
            outcome
        }

        async fn empty(&mut self, outcome: Result<(), ()>) -> Result<(), ()> {
            outcome
        }

        async fn nothing(&mut self) {}

        async fn type_(&mut self, match_: u32) -> u32 {
            match_
        }
    }

    impl AllImports for Host {
        async fn log(&mut self, text: String) -> String {
            self.calls.push("log");
            text
        }
    }
}

mod trappable_host {
    use compat_tests::bindings::trappable::AllImports;
    use compat_tests::bindings::trappable::test::all::api::{self, Access, Color, Names, Person, Point, Shape};
    use compat_tests::bindings::trappable::test::all::types::{self, Failure};

    use super::{Host, HostFailure};

    type Integers = (bool, u8, i8, u16, i16, u32, i32);

    impl types::Host for Host {
        fn convert_failure(&mut self, err: HostFailure) -> anyhow::Result<Failure> {
            match err {
                HostFailure::Known(failure) => Ok(failure),
                HostFailure::Trap(text) => Err(anyhow::anyhow!(text)),
            }
        }
    }

    impl api::Host for Host {
        fn integers(&mut self, a: bool, b: u8, c: i8, d: u16, e: i16, f: u32, g: i32) -> anyhow::Result<Integers> {
            Ok((a, b, c, d, e, f, g))
        }

        fn numbers(&mut self, a: u64, b: i64, c: f32, d: f64, e: char) -> anyhow::Result<(u64, i64, f32, f64, char)> {
            Ok((a, b, c, d, e))
        }

        fn take_person(&mut self, person: Person) -> anyhow::Result<Person> {
            anyhow::ensure!(person.id != 0, "a person must have a number");
            Ok(person)
        }

        fn take_point(&mut self, point: Point) -> anyhow::Result<Point> {
            Ok(point)
        }

        fn shapes(&mut self, shapes: Vec<Shape>) -> anyhow::Result<Vec<Shape>> {
            Ok(shapes)
        }

        async fn small(&mut self, color: Color, access: Access) -> anyhow::Result<(Color, Access)> {
            Ok((color, access))
        }

        fn take_names(&mut self, names: Names) -> anyhow::Result<Names> {
            Ok(names)
        }

        fn maybe(
            &mut self,
            text: Option<String>,
            number: Option<Option<u32>>,
        ) -> anyhow::Result<(Option<String>, Option<Option<u32>>)> {
            Ok((text, number))
        }

        fn outcome(&mut self, outcome: Result<String, Failure>) -> Result<String, HostFailure> {
            match outcome {
                Err(Failure::Denied) => Err(HostFailure::Trap("denied by the host")),
                outcome => outcome.map_err(HostFailure::Known),
            }
        }

        fn empty(&mut self, outcome: Result<(), ()>) -> anyhow::Result<Result<(), ()>> {
            Ok(outcome)
        }

        fn nothing(&mut self) -> anyhow::Result<()> {
            Err(anyhow::anyhow!("nothing is refused"))
        }

        fn type_(&mut self, match_: u32) -> anyhow::Result<u32> {
            Ok(match_)
        }
    }

    impl AllImports for Host {
        fn log(&mut self, text: String) -> anyhow::Result<String> {
            Ok(text)
        }
    }
}

#[test]
fn bindgen_round_trips_every_kind_of_value() {
    use bindings::all::test::all::api::{Access, Color, Failure, Person, Point, Shape};
    use bindings::all::{All, AllPre};

    let engine = engine::<V>();
    let component = Component::new(&engine, &all_guest()).unwrap();
    let mut linker = Linker::<V, Host>::new(&engine);
    All::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).unwrap();
    let pre = AllPre::new(linker.instantiate_pre(&component).unwrap()).unwrap();
    let mut store = Store::new(&engine, Host::default());
    let all = pre.instantiate(&mut store).unwrap();
    assert_eq!(all.call_log(&mut store, "text").unwrap(), "text");

    let api = all.test_all_api();
    let integers = api.call_integers(&mut store, true, 255, -128, 65535, -32768, u32::MAX, i32::MIN).unwrap();
    assert_eq!(integers, (true, 255, -128, 65535, -32768, u32::MAX, i32::MIN));
    let numbers = api.call_numbers(&mut store, u64::MAX, i64::MIN, 1.5, -0.25, 'é').unwrap();
    assert_eq!(numbers, (u64::MAX, i64::MIN, 1.5, -0.25, 'é'));
    let ada = Person { id: 7, full_name: "Ada".to_owned(), marks: vec![1, 2, 3] };
    assert_eq!(api.call_take_person(&mut store, &ada).unwrap(), ada);
    assert_eq!(api.call_take_point(&mut store, Point { x: -1, y: 1 }).unwrap(), Point { x: -1, y: 1 });
    let shapes = [Shape::None, Shape::Circle(2.5), Shape::Named(ada)];
    assert_eq!(api.call_shapes(&mut store, &shapes).unwrap(), shapes);
    let small = api.call_small(&mut store, Color::DarkBlue, Access::READ | Access::LOOK_UP).unwrap();
    assert_eq!(small, (Color::DarkBlue, Access::READ | Access::LOOK_UP));
    let names = vec!["a".to_owned(), String::new()];
    assert_eq!(api.call_take_names(&mut store, &names).unwrap(), names);
    for (text, number) in [(None, None), (Some("t"), Some(None)), (Some(""), Some(Some(1)))] {
        let (text_out, number_out) = api.call_maybe(&mut store, text, number).unwrap();
        assert_eq!((text_out.as_deref(), number_out), (text, number));
    }
    assert_eq!(api.call_outcome(&mut store, Ok("fine")).unwrap(), Ok("fine".to_owned()));
    assert_eq!(api.call_outcome(&mut store, Err(Failure::Denied)).unwrap(), Err(Failure::Denied));
    assert_eq!(api.call_empty(&mut store, Err(())).unwrap(), Err(()));
    api.call_nothing(&mut store).unwrap();
    assert_eq!(api.call_type(&mut store, 5).unwrap(), 5);
    assert_eq!(store.data().calls, ["log", "person", "nothing"]);

    let error = Failure::Missing;
    assert_eq!((error.name(), error.message()), ("missing", "It is not there."));
    assert_eq!(format!("{error}"), "missing (error 0)");
}

#[test]
fn bindgen_shares_types_and_calls_asynchronously() {
    use bindings::all::test::all::types::{Color, Person, Shape};
    use bindings::asynchronous::All;

    let engine = async_engine::<V>();
    let component = Component::new(&engine, &all_guest()).unwrap();
    let mut linker = Linker::<V, Host>::new(&engine);
    All::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).unwrap();
    let mut store = Store::new(&engine, Host::default());
    runtime().block_on(async {
        let all = All::instantiate_async(&mut store, &component, &linker).await.unwrap();
        assert_eq!(all.call_log(&mut store, "text").await.unwrap(), "text");
        let ada = Person { id: 7, full_name: "Ada".to_owned(), marks: vec![1, 2, 3] };
        assert_eq!(all.test_all_api().call_take_person(&mut store, &ada).await.unwrap(), ada);
        let shapes = [Shape::Named(ada), Shape::None];
        assert_eq!(all.test_all_api().call_shapes(&mut store, &shapes).await.unwrap(), shapes);
        let small =
            all.test_all_api().call_small(&mut store, Color::Red, bindings::all::test::all::types::Access::all());
        assert_eq!(small.await.unwrap().0, Color::Red);
    });
    assert_eq!(store.data().calls, ["log", "person"]);
}

#[test]
fn bindgen_lets_host_functions_trap() {
    use bindings::trappable::All;
    use bindings::trappable::test::all::types::{Access, Color, Failure, Person};

    let engine = async_engine::<V>();
    let component = Component::new(&engine, &all_guest()).unwrap();
    let mut linker = Linker::<V, Host>::new(&engine);
    All::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).unwrap();
    let mut store = Store::new(&engine, Host::default());
    runtime().block_on(async {
        let all = All::instantiate_async(&mut store, &component, &linker).await.unwrap();
        let api = all.test_all_api();
        let missing = api.call_outcome(&mut store, Err(Failure::Missing)).await.unwrap();
        assert_eq!(missing, Err(Failure::Missing));
        let small = api.call_small(&mut store, Color::Red, Access::WRITE).await.unwrap();
        assert_eq!(small, (Color::Red, Access::WRITE));
        let denied = api.call_outcome(&mut store, Err(Failure::Denied)).await.unwrap_err();
        assert!(format!("{denied:?}").contains("denied by the host"), "{denied:?}");
    });
    // After a trap 42 and later enter no component in the store any more.
    let mut store = Store::new(&engine, Host::default());
    let person = Person { id: 0, full_name: String::new(), marks: Vec::new() };
    runtime().block_on(async {
        let all = All::instantiate_async(&mut store, &component, &linker).await.unwrap();
        let refused = all.test_all_api().call_take_person(&mut store, &person).await.unwrap_err();
        assert!(format!("{refused:?}").contains("a person must have a number"), "{refused:?}");
    });
}

#[test]
fn bindgen_resources_of_the_host() {
    use bindings::resources::Resources;

    let engine = engine::<V>();
    let component = Component::new(&engine, &resources_guest()).unwrap();
    let mut linker = Linker::<V, (u8, Counters)>::new(&engine);
    Resources::add_to_linker::<_, HasSelf<Counters>>(&mut linker, |(_, counters)| counters).unwrap();
    let mut store = Store::new(&engine, (0, Counters::default()));
    let guest = Resources::instantiate(&mut store, &component, &linker).unwrap();
    assert_eq!(guest.call_count(&mut store, 10).unwrap(), 16);
    let counters = &mut store.data_mut().1;
    assert_eq!((counters.dropped, counters.table.is_empty()), (1, true));
    // What a guest does not drop stays in the host's table.
    assert_eq!(guest.call_keep(&mut store, 3).unwrap(), 3);
    let counters = &mut store.data_mut().1;
    assert_eq!((counters.dropped, counters.table.is_empty()), (1, false));
    let _: Resource<bindings::Counter> = Resource::new_borrow(0);
}

#[test]
fn bindgen_resources_of_the_guest() {
    use bindings::resources::Resources;

    let engine = engine::<V>();
    let component = Component::new(&engine, &resources_guest()).unwrap();
    let mut linker = Linker::<V, Counters>::new(&engine);
    Resources::add_to_linker::<_, HasSelf<_>>(&mut linker, |counters| counters).unwrap();
    let mut store = Store::new(&engine, Counters::default());
    let guest = Resources::instantiate(&mut store, &component, &linker).unwrap();
    let shop = guest.test_resources_shop();
    let carts = shop.cart();
    let cart = carts.call_constructor(&mut store, 5).unwrap();
    let other = carts.call_constructor(&mut store, 1).unwrap();
    assert_eq!(carts.call_add(&mut store, cart, 3).unwrap(), 8);
    assert_eq!(shop.call_total(&mut store, cart).unwrap(), 8);
    assert_eq!(shop.call_total(&mut store, other).unwrap(), 1);
    let cart = shop.call_pass(&mut store, cart).unwrap();
    assert_eq!(shop.call_total(&mut store, cart).unwrap(), 8);
    assert_eq!(carts.call_live(&mut store).unwrap(), 2);
    cart.resource_drop::<V>(&mut store).unwrap();
    other.resource_drop::<V>(&mut store).unwrap();
    assert_eq!(carts.call_live(&mut store).unwrap(), 0);
}

#[test]
fn bindgen_takes_a_component_for_a_compatible_version() {
    let engine = engine::<V>();
    let mut linker = Linker::<V, Host>::new(&engine);
    bindings::all::All::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).unwrap();
    for (version, is_compatible) in [("1.2.4", true), ("1.1.0", true), ("2.0.0", false)] {
        let wit = include_str!("../../../wit/all.wit").replace("test:all@1.2.0", &format!("test:all@{version}"));
        let component = Component::new(&engine, pass_on(&wit)).unwrap();
        let mut store = Store::new(&engine, Host::default());
        let all = bindings::all::All::instantiate(&mut store, &component, &linker);
        // 18 links the same version only.
        if is_compatible && V::MAJOR >= 19 {
            let all = all.unwrap_or_else(|error| panic!("{version}: {error:?}"));
            assert_eq!(all.test_all_api().call_type(&mut store, 5).unwrap(), 5);
        } else {
            assert_eq!(all.err().unwrap().kind(), ErrorKind::Link, "{version}");
        }
    }
}

#[test]
fn bindgen_reports_a_component_of_another_world() {
    let engine = engine::<V>();
    let component = Component::new(&engine, &resources_guest()).unwrap();
    let mut linker = Linker::<V, Host>::new(&engine);
    bindings::all::All::add_to_linker::<_, HasSelf<_>>(&mut linker, |host| host).unwrap();
    let mut store = Store::new(&engine, Host::default());
    let error = bindings::all::All::instantiate(&mut store, &component, &linker).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Link);

    let component = Component::new(&engine, &compat_tests::wat("(component)")).unwrap();
    let error = bindings::all::All::instantiate(&mut store, &component, &linker).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Export);
}
