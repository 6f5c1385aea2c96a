//! Bindings of worlds with resources inside of values, names that mean something in Rust, items of the world itself, and two
//! versions of an interface.

use compat_tests::bindings::{self, Item, Session, shapes, words, words_later, world, world_later};
use compat_tests::{async_engine, engine, pass_on, pass_on_with, runtime};
use shapes::test::shapes::items;
use shapes::test::shapes::moves::{self, AllItems, Gift, Outcome, Parcel};
use wasmtime_compat::component::{Component, HasData, HasSelf, Linker, Resource, ResourceTable};
use wasmtime_compat::{ErrorKind, Store};
use words::test::words::words::{Enum, Flags, Record, Variant};
use world::test::{dep0_1_0, dep0_2_0};
use world::{Place, Status};

use super::V;

/// The data of a store, of which hosts see a part.
#[derive(Default)]
struct Data {
    table: ResourceTable,
    log: Vec<String>,
}

/// A view that is made for each call.
struct View<'a> {
    table: &'a mut ResourceTable,
    log: &'a mut Vec<String>,
}

struct AsView;

impl HasData for AsView {
    type Data<'a> = View<'a>;
}

impl Data {
    fn view(&mut self) -> View<'_> {
        View { table: &mut self.table, log: &mut self.log }
    }
}

impl items::HostItem for View<'_> {
    fn new(&mut self, name: String) -> Resource<Item> {
        self.table.push(name.into()).unwrap()
    }

    fn name(&mut self, item: Resource<Item>) -> String {
        self.table.get(&item).unwrap().to_string()
    }

    fn rename(&mut self, item: Resource<Item>, name: String) -> Result<(), String> {
        let item = self.table.get_mut(&item).map_err(|error| error.to_string())?;
        *item = name.into();
        Ok(())
    }

    fn live(&mut self) -> u32 {
        0
    }

    fn drop(&mut self, item: Resource<Item>) -> anyhow::Result<()> {
        self.log.push(format!("drop {}", self.table.delete(item)?));
        Ok(())
    }
}

impl items::Host for View<'_> {}

impl moves::Host for View<'_> {
    fn take_item(&mut self, item: Resource<Item>) -> Resource<Item> {
        assert!(item.owned());
        self.log.push(self.table.get(&item).unwrap().to_string());
        item
    }

    fn take_parcel(&mut self, parcel: Parcel) -> Parcel {
        parcel
    }

    fn take_gift(&mut self, gift: Gift) -> Gift {
        gift
    }

    fn take_all(&mut self, all: AllItems) -> AllItems {
        all
    }

    fn take_outcome(&mut self, outcome: Outcome) -> Outcome {
        outcome
    }

    fn take_pair(
        &mut self,
        (first, second): (Resource<Item>, Option<Resource<Item>>),
    ) -> (Resource<Item>, Option<Resource<Item>>) {
        (first, second)
    }

    fn take_either(
        &mut self,
        either: Result<Resource<Item>, Resource<Item>>,
    ) -> Result<Resource<Item>, Resource<Item>> {
        either
    }
}

#[test]
fn bindgen_moves_resources_inside_of_values() {
    let engine = engine::<V>();
    let component = Component::new(&engine, pass_on(include_str!("../../../wit/shapes.wit"))).unwrap();
    let mut linker = Linker::<V, Data>::new(&engine);
    shapes::Shapes::add_to_linker::<_, AsView>(&mut linker, Data::view).unwrap();
    let mut store = Store::new(&engine, Data::default());
    let shapes = shapes::Shapes::instantiate(&mut store, &component, &linker).unwrap();
    let moves = shapes.test_shapes_moves();
    let new = |store: &mut Store<V, Data>, name: &str| -> Resource<Item> {
        store.data_mut().table.push(name.into()).unwrap()
    };
    let delete = |store: &mut Store<V, Data>, item: Resource<Item>| {
        assert!(item.owned());
        store.data_mut().table.delete(item).unwrap().to_string()
    };

    let item = new(&mut store, "item");
    let item = moves.call_take_item(&mut store, item).unwrap();
    assert_eq!(store.data().log, ["item"]);
    assert_eq!(delete(&mut store, item), "item");

    let (content, spare) = (new(&mut store, "content"), new(&mut store, "spare"));
    let parcel = Parcel { label: "label".to_owned(), content, spare: Some(spare) };
    let parcel = moves.call_take_parcel(&mut store, &parcel).unwrap();
    assert_eq!(parcel.label, "label");
    assert_eq!(delete(&mut store, parcel.content), "content");
    assert_eq!(delete(&mut store, parcel.spare.unwrap()), "spare");

    let many = (0..3).map(|number| new(&mut store, &number.to_string())).collect();
    let Gift::Many(many) = moves.call_take_gift(&mut store, &Gift::Many(many)).unwrap() else { panic!("another gift") };
    let many = moves.call_take_all(&mut store, &many).unwrap();
    let names: Vec<String> = many.into_iter().map(|item| delete(&mut store, item)).collect();
    assert_eq!(names, ["0", "1", "2"]);

    let one = new(&mut store, "one");
    let outcome = moves.call_take_outcome(&mut store, &Ok(Gift::One(one))).unwrap();
    let Ok(Gift::One(one)) = outcome else { panic!("another outcome") };
    let (first, second) = moves.call_take_pair(&mut store, (one, None)).unwrap();
    assert!(second.is_none());
    let Err(either) = moves.call_take_either(&mut store, Err(first)).unwrap() else { panic!("the other one") };
    assert_eq!(delete(&mut store, either), "one");
    let failed = moves.call_take_outcome(&mut store, &Err("failed".to_owned())).unwrap();
    assert_eq!(failed.unwrap_err(), "failed");

    assert!(store.data().table.is_empty());
    assert_eq!(store.data().log, ["item"]);
}

#[derive(Default)]
struct Words;

impl words::test::words::words::Host for Words {
    fn func(&mut self, as_: u8, loop_: u8, self_: u8) -> u8 {
        as_ + loop_ + self_
    }

    fn new(&mut self, record: Record) -> Record {
        record
    }

    fn drop(&mut self, variant: Variant) -> Variant {
        variant
    }

    fn clone(&mut self, enum_: Enum, flags: Flags) -> (Enum, Flags) {
        (enum_, flags)
    }

    fn call(&mut self, instance: u8, store: u8, linker: u8, host: u8, result: u8, caller: u8) -> u8 {
        instance + store + linker + host + result + caller
    }

    fn await_(&mut self) {}
}

impl words::test::words::host::HostHost_ for Words {
    fn new(&mut self) -> Resource<words::test::words::host::Host_> {
        Resource::new_own(1)
    }

    fn same(
        &mut self,
        _: Resource<words::test::words::host::Host_>,
        _: Resource<words::test::words::host::Host_>,
    ) -> u8 {
        2
    }

    fn drop(&mut self, _: Resource<words::test::words::host::Host_>) -> anyhow::Result<()> {
        Ok(())
    }
}

impl words::test::words::host::Host for Words {
    fn borrowed(&mut self, _: Resource<words::test::words::host::Host_>) -> u8 {
        3
    }
}

#[test]
fn bindgen_takes_names_that_mean_something_in_rust() {
    use words::exports::test::words::words::{Enum, Flags, Record, Variant};

    let engine = engine::<V>();
    let component = Component::new(&engine, pass_on(include_str!("../../../wit/words.wit"))).unwrap();
    let mut linker = Linker::<V, Words>::new(&engine);
    words::Vocabulary::add_to_linker::<_, HasSelf<_>>(&mut linker, |words| words).unwrap();
    let mut store = Store::new(&engine, Words);
    let words = words::Vocabulary::instantiate(&mut store, &component, &linker).unwrap();
    let words = words.test_words_words();
    assert_eq!(words.call_func(&mut store, 1, 2, 3).unwrap(), 6);
    assert_eq!(words.call_call(&mut store, 1, 2, 3, 4, 5, 6).unwrap(), 21);
    words.call_await(&mut store).unwrap();
    let record = Record {
        type_: "t".to_owned(),
        self_: 1,
        fn_: vec![2],
        option: Some("o".to_owned()),
        result: Err("e".to_owned()),
    };
    assert_eq!(words.call_new(&mut store, &record).unwrap(), record);
    let variants = [
        Variant::None,
        Variant::Some(1),
        Variant::Ok("k".to_owned()),
        Variant::Err(None),
        Variant::Self_,
        Variant::String(vec!["s".to_owned()]),
        Variant::Host(record),
    ];
    for variant in &variants {
        assert_eq!(words.call_drop(&mut store, variant).unwrap(), *variant);
    }
    let flags = [Flags::A, Flags::EMPTY, Flags::ALL, Flags::BITS, Flags::SELF, Flags::FN, Flags::I];
    let flags = flags.into_iter().fold(Flags::empty(), |all, flag| all | flag);
    for name in [Enum::Bool, Enum::None, Enum::Ok, Enum::Self_, Enum::Super, Enum::Crate, Enum::Dyn] {
        assert_eq!(words.call_clone(&mut store, name, flags).unwrap(), (name, flags));
    }
    let _: Option<words_later::Vocabulary<V>> = None;
}

/// A guest for the world `world`: `run` reports its status and finds what is done; `next` calls both versions of the interface.
fn world_guest() -> Vec<u8> {
    // The sources as one text: a package with its version in braces for each folder.
    let braced = |text: &str| {
        let (package, items) = text.trim_start_matches("package ").split_once(';').unwrap();
        format!("package {package} {{ {items} }}\n")
    };
    let old = braced(include_str!("../../../wit/world/deps/old/api.wit"));
    let new = braced(include_str!("../../../wit/world/deps/new/api.wit"));
    let wit = format!("{}\n{old}{new}", include_str!("../../../wit/world/world.wit"));
    pass_on_with(
        &wit,
        "",
        r#"(func (export "next") (param i32) (result i32)
               (call $"following" (call $"next" (local.get 0)) (i32.const 1) (i32.const 512))
               (i32.add (i32.load (i32.const 512)) (i32.load (i32.const 516))))
           (func (export "keep") (param i32) (result i32) (local.get 0))
           (func (export "run")
               (param $case i32) (param $text i32) (param $length i32) (param $at i32) (result i32)
               (call $"report" (local.get $case) (local.get $text) (local.get $length) (local.get $at))
               (call $"find" (local.get $text) (local.get $length) (i32.const 512))
               (i32.const 512))"#,
    )
}

#[derive(Default)]
struct Places(Vec<Status>);

impl world::HostSession for Places {
    fn new(&mut self, _: String) -> Resource<Session> {
        Resource::new_own(1)
    }

    fn name(&mut self, _: Resource<Session>) -> String {
        String::new()
    }

    fn places(&mut self, _: Resource<Session>) -> Vec<Place> {
        Vec::new()
    }

    fn drop(&mut self, _: Resource<Session>) -> anyhow::Result<()> {
        Ok(())
    }
}

impl world::CityImports for Places {
    fn find(&mut self, name: String) -> Result<Place, String> {
        if name.is_empty() { Err("no name".to_owned()) } else { Ok(Place { name, at: 7 }) }
    }

    fn report(&mut self, status: Status) {
        self.0.push(status);
    }
}

impl dep0_1_0::api::Host for Places {
    fn next(&mut self, point: dep0_1_0::api::Point) -> dep0_1_0::api::Point {
        dep0_1_0::api::Point { x: point.x + 1 }
    }
}

impl dep0_2_0::api::Host for Places {
    fn following(&mut self, point: dep0_2_0::api::Point) -> dep0_2_0::api::Point {
        dep0_2_0::api::Point { x: point.x * 10, y: point.y * 5 }
    }
}

#[test]
fn bindgen_of_items_of_the_world_itself() {
    let engine = engine::<V>();
    let component = Component::new(&engine, world_guest()).unwrap();
    let mut linker = Linker::<V, Places>::new(&engine);
    world::City::add_to_linker::<_, HasSelf<_>>(&mut linker, |places| places).unwrap();
    let mut store = Store::new(&engine, Places::default());
    let world = world::City::instantiate(&mut store, &component, &linker).unwrap();
    let done = Status::Done(Place { name: "here".to_owned(), at: 1 });
    let found = world.call_run(&mut store, &done).unwrap();
    assert_eq!(found, Ok(Place { name: "here".to_owned(), at: 7 }));
    assert_eq!(world.call_run(&mut store, &Status::Failed(String::new())).unwrap(), Err("no name".to_owned()));
    assert_eq!(store.data().0, [done, Status::Failed(String::new())]);
    assert_eq!(world.call_keep(&mut store, Resource::new_own(5)).unwrap().rep(), 5);
    assert_eq!(world.call_next(&mut store, 3).unwrap(), 45);
}

mod later {
    use compat_tests::bindings::Session;
    use compat_tests::bindings::world_later::test::dep0_2_0;
    use compat_tests::bindings::world_later::{CityImports, HostSession, Place, Status};
    use wasmtime_compat::component::Resource;

    #[derive(Default)]
    pub(super) struct Places(pub(super) Vec<String>);

    impl HostSession for Places {
        async fn new(&mut self, _: String) -> anyhow::Result<Resource<Session>> {
            Ok(Resource::new_own(1))
        }

        async fn name(&mut self, _: Resource<Session>) -> anyhow::Result<String> {
            Ok(String::new())
        }

        async fn places(&mut self, _: Resource<Session>) -> anyhow::Result<Vec<Place>> {
            Ok(Vec::new())
        }

        async fn drop(&mut self, _: Resource<Session>) -> anyhow::Result<()> {
            Ok(())
        }
    }

    impl CityImports for Places {
        async fn find(&mut self, name: String) -> anyhow::Result<Result<Place, String>> {
            tokio::task::yield_now().await;
            anyhow::ensure!(!name.is_empty(), "no name");
            Ok(Ok(Place { name, at: 7 }))
        }

        fn report(&mut self, status: Status) -> anyhow::Result<()> {
            self.0.push(format!("{status:?}"));
            Ok(())
        }
    }

    impl compat_tests::bindings::world::test::dep0_1_0::api::Host for Places {
        fn next(
            &mut self,
            point: compat_tests::bindings::world::test::dep0_1_0::api::Point,
        ) -> compat_tests::bindings::world::test::dep0_1_0::api::Point {
            point
        }
    }

    impl dep0_2_0::api::Host for Places {
        async fn following(&mut self, point: dep0_2_0::api::Point) -> anyhow::Result<dep0_2_0::api::Point> {
            Ok(point)
        }
    }
}

/// On a task of a runtime: the futures of bindings are `Send`.
#[test]
fn bindgen_of_an_asynchronous_world_on_a_task() {
    let engine = async_engine::<V>();
    let component = Component::new(&engine, world_guest()).unwrap();
    let mut linker = Linker::<V, later::Places>::new(&engine);
    world_later::City::add_to_linker::<_, HasSelf<_>>(&mut linker, |places| places).unwrap();
    let task = async move {
        let mut store = Store::new(&engine, later::Places::default());
        let world = world_later::City::instantiate_async(&mut store, &component, &linker).await.unwrap();
        let place = world_later::Place { name: "here".to_owned(), at: 1 };
        let found = world.call_run(&mut store, &world_later::Status::Done(place)).await.unwrap().unwrap();
        assert_eq!((world_later::named(&found).unwrap(), found.at), ("here", 7));
        assert_eq!(world.call_next(&mut store, 3).await.unwrap(), 4);
        let error = world.call_run(&mut store, &world_later::Status::None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Host, "{error:?}");
        assert_eq!(store.data().0.len(), 2);
    };
    runtime().block_on(async move { tokio::spawn(task).await.unwrap() });
    let _: Option<bindings::Session> = None;
}
