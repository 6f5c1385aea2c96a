//! `wasi:keyvalue`: what guests read and write, and the limits on it.

use compat_tests::{async_engine, engine, pass_on_with, runtime};
use wasmtime_compat::component::{self, Component, ComponentType, Instance, Lift, Resource, ResourceAny};
use wasmtime_compat::wasi::{KeyValue, KeyValueLimits};
use wasmtime_compat::{ComponentLift, ComponentLower, Engine, ErrorKind, Store};

use super::V;

#[derive(Clone, ComponentType, Debug, Lift, PartialEq)]
#[component(variant)]
enum Failure {
    #[component(name = "no-such-store")]
    NoSuchStore,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "other")]
    Other(String),
}

#[derive(ComponentType, Debug, Lift, PartialEq)]
#[component(record)]
struct Keys {
    keys: Vec<String>,
    cursor: Option<u64>,
}

type Answer<T> = Result<T, Failure>;

const WIT: &str = "
    package test:keyvalue;

    package wasi:keyvalue@0.2.0-draft {
        interface store {
            variant error { no-such-store, access-denied, other(string) }
            record key-response { keys: list<string>, cursor: option<u64> }
            resource bucket {
                get: func(key: string) -> result<option<list<u8>>, error>;
                set: func(key: string, value: list<u8>) -> result<_, error>;
                delete: func(key: string) -> result<_, error>;
                exists: func(key: string) -> result<bool, error>;
                list-keys: func(cursor: option<u64>) -> result<key-response, error>;
            }
            open: func(identifier: string) -> result<bucket, error>;
        }
        interface atomics {
            use store.{bucket, error};
            increment: func(bucket: borrow<bucket>, key: string, delta: u64) -> result<u64, error>;
        }
        interface batch {
            use store.{bucket, error};
            get-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<list<option<tuple<string, list<u8>>>>, error>;
            set-many: func(bucket: borrow<bucket>, key-values: list<tuple<string, list<u8>>>) -> result<_, error>;
            delete-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<_, error>;
        }
    }

    world user {
        import wasi:keyvalue/store@0.2.0-draft;
        import wasi:keyvalue/atomics@0.2.0-draft;
        import wasi:keyvalue/batch@0.2.0-draft;
        use wasi:keyvalue/store@0.2.0-draft.{bucket, error, key-response};
        export open: func(identifier: string) -> result<bucket, error>;
        export get: func(bucket: borrow<bucket>, key: string) -> result<option<list<u8>>, error>;
        export set: func(bucket: borrow<bucket>, key: string, value: list<u8>) -> result<_, error>;
        export delete: func(bucket: borrow<bucket>, key: string) -> result<_, error>;
        export exists: func(bucket: borrow<bucket>, key: string) -> result<bool, error>;
        export list-keys: func(bucket: borrow<bucket>, cursor: option<u64>) -> result<key-response, error>;
        export increment: func(bucket: borrow<bucket>, key: string, delta: u64) -> result<u64, error>;
        export get-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<list<option<tuple<string, list<u8>>>>, error>;
        export set-many: func(bucket: borrow<bucket>, key-values: list<tuple<string, list<u8>>>) -> result<_, error>;
        export delete-many: func(bucket: borrow<bucket>, keys: list<string>) -> result<_, error>;
        export same-key: func(bucket: borrow<bucket>, key: string, times: u32) -> result<list<option<tuple<string, list<u8>>>>, error>;
    }";

/// A guest each of whose functions calls the import, with the bucket that it borrows. `same-key` names one key in its memory as
/// often as it is told.
fn guest() -> Vec<u8> {
    let methods = [
        ("get", "[method]bucket.get", "i32 i32 i32"),
        ("set", "[method]bucket.set", "i32 i32 i32 i32 i32"),
        ("delete", "[method]bucket.delete", "i32 i32 i32"),
        ("exists", "[method]bucket.exists", "i32 i32 i32"),
        ("list-keys", "[method]bucket.list-keys", "i32 i32 i64"),
        ("increment", "increment", "i32 i32 i32 i64"),
        ("get-many", "get-many", "i32 i32 i32"),
        ("set-many", "set-many", "i32 i32 i32"),
        ("delete-many", "delete-many", "i32 i32 i32"),
    ];
    let mut definitions: String = methods
        .iter()
        .map(|(export, import, params)| {
            let args: String = (0..params.split(' ').count()).map(|index| format!("(local.get {index})")).collect();
            format!(
                "(func (export {export:?}) (param {params}) (result i32)
                    (call ${import:?} {args} (i32.const 512))
                    (call $drop (local.get 0))
                    (i32.const 512))"
            )
        })
        .collect();
    definitions += r#"(func (export "same-key") (param $bucket i32) (param $key i32) (param $size i32) (param $times i32) (result i32)
        (local $at i32)
        (local.set $at (i32.const 524288))
        (loop $next
            (i32.store (local.get $at) (local.get $key))
            (i32.store offset=4 (local.get $at) (local.get $size))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (br_if $next (i32.lt_u (local.get $at) (i32.add (i32.const 524288) (i32.mul (local.get $times) (i32.const 8))))))
        (call $"get-many" (local.get $bucket) (i32.const 524288) (local.get $times) (i32.const 512))
        (call $drop (local.get $bucket))
        (i32.const 512))"#;
    let imports = r#"(import "wasi:keyvalue/store@0.2.0-draft" "[resource-drop]bucket" (func $drop (param i32)))"#;
    pass_on_with(WIT, imports, &definitions)
}

struct Guest {
    store: Store<V, ()>,
    instance: Instance<V>,
}

impl Guest {
    fn new(engine: &Engine<V>, component: &Component<V>, values: Option<&KeyValue>) -> Self {
        let mut linker = component::Linker::new(engine);
        linker.add_wasi_keyvalue().unwrap();
        let mut store = Store::new(engine, ());
        if let Some(values) = values {
            store.set_wasi_keyvalue(values);
        }
        let instance = linker.instantiate(&mut store, component).unwrap();
        Self { store, instance }
    }

    fn call<P: ComponentLower, R: ComponentLift>(&mut self, name: &str, params: P) -> R {
        self.instance.get_typed_func::<P, R>(&mut self.store, name).unwrap().call(&mut self.store, params).unwrap()
    }

    fn open(&mut self, name: &str) -> Answer<ResourceAny> {
        self.call::<_, (Answer<ResourceAny>,)>("open", (name,)).0
    }

    fn get(&mut self, bucket: ResourceAny, key: &str) -> Answer<Option<Vec<u8>>> {
        self.call::<_, (Answer<Option<Vec<u8>>>,)>("get", (bucket, key)).0
    }

    fn set(&mut self, bucket: ResourceAny, key: &str, value: &[u8]) -> Answer<()> {
        self.call::<_, (Answer<()>,)>("set", (bucket, key, value)).0
    }

    fn delete(&mut self, bucket: ResourceAny, key: &str) -> Answer<()> {
        self.call::<_, (Answer<()>,)>("delete", (bucket, key)).0
    }

    fn list(&mut self, bucket: ResourceAny, cursor: Option<u64>) -> Keys {
        self.call::<_, (Answer<Keys>,)>("list-keys", (bucket, cursor)).0.unwrap()
    }

    fn increment(&mut self, bucket: ResourceAny, key: &str, delta: u64) -> Answer<u64> {
        self.call::<_, (Answer<u64>,)>("increment", (bucket, key, delta)).0
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Answer<T>, text: &str) {
    match answer {
        Err(Failure::Other(message)) => assert!(message.contains(text), "{message}"),
        other => panic!("{other:?}"),
    }
}

fn ready(values: &KeyValue) -> (Guest, ResourceAny) {
    let engine = engine::<V>();
    let mut guest = Guest::new(&engine, &Component::new(&engine, guest()).unwrap(), Some(values));
    let bucket = guest.open("").unwrap();
    (guest, bucket)
}

#[test]
fn keys_and_values() {
    let values = KeyValue::new();
    values.set("", "of-the-host", "1").unwrap();
    let (mut guest, bucket) = ready(&values);
    assert_eq!(guest.get(bucket, "of-the-host"), Ok(Some(b"1".to_vec())));
    assert_eq!(guest.get(bucket, "other"), Ok(None));
    assert_eq!(guest.set(bucket, "other", b"\x00\xff"), Ok(()));
    assert_eq!(guest.get(bucket, "other"), Ok(Some(vec![0, 255])));
    assert_eq!(values.get("", "other"), Some(vec![0, 255]));
    assert_eq!(guest.call::<_, (Answer<bool>,)>("exists", (bucket, "other")).0, Ok(true));
    assert_eq!(guest.delete(bucket, "other"), Ok(()));
    assert_eq!(guest.delete(bucket, "other"), Ok(()));
    assert_eq!(guest.call::<_, (Answer<bool>,)>("exists", (bucket, "other")).0, Ok(false));
    assert_eq!(values.keys(""), ["of-the-host"]);

    // A bucket that is opened again is the same.
    let again = guest.open("").unwrap();
    assert_eq!(guest.set(again, "again", b"2"), Ok(()));
    again.resource_drop(&mut guest.store).unwrap();
    assert_eq!(guest.get(bucket, "again"), Ok(Some(b"2".to_vec())));
}

#[test]
fn buckets_are_those_of_the_host() {
    let engine = engine::<V>();
    let component = Component::new(&engine, guest()).unwrap();
    let values = KeyValue::new();
    values.add_bucket("own");
    let mut guest = Guest::new(&engine, &component, Some(&values));
    assert_eq!(guest.open("other").unwrap_err(), Failure::NoSuchStore);
    let (own, nameless) = (guest.open("own").unwrap(), guest.open("").unwrap());
    assert_eq!(guest.set(own, "key", b"1"), Ok(()));
    assert_eq!(guest.get(nameless, "key"), Ok(None));

    // Two stores share values.
    let mut other = Guest::new(&engine, &component, Some(&values.clone()));
    let shared = other.open("own").unwrap();
    assert_eq!(other.get(shared, "key"), Ok(Some(b"1".to_vec())));

    // A bucket of the values before is not one of the new ones.
    guest.store.set_wasi_keyvalue(&KeyValue::new());
    refused(guest.get(own, "key"), "belongs to values that the store had before");

    // Without values there are no buckets.
    let mut without = Guest::new(&engine, &component, None);
    assert_eq!(without.open("").unwrap_err(), Failure::NoSuchStore);
}

#[test]
fn counters() {
    let values = KeyValue::new();
    let (mut guest, bucket) = ready(&values);
    assert_eq!(guest.increment(bucket, "count", 5), Ok(5));
    assert_eq!(guest.increment(bucket, "count", 0), Ok(5));
    assert_eq!(values.get("", "count"), Some(b"5".to_vec()));
    refused(guest.increment(bucket, "count", u64::MAX), "64 bits");
    assert_eq!(guest.increment(bucket, "count", 1), Ok(6));
    assert_eq!(guest.set(bucket, "text", b"six"), Ok(()));
    refused(guest.increment(bucket, "text", 1), "not a number");
}

type Pairs = Vec<Option<(String, Vec<u8>)>>;

#[test]
fn many_at_once() {
    let values = KeyValue::with_limits(KeyValueLimits::new().call_keys(3).call_size(20));
    let (mut guest, bucket) = ready(&values);
    let pairs = vec![("a".to_owned(), b"1".to_vec()), ("b".to_owned(), b"2".to_vec())];
    assert_eq!(guest.call::<_, (Answer<()>,)>("set-many", (bucket, pairs)).0, Ok(()));
    let get =
        |guest: &mut Guest, keys: &[&str]| guest.call::<_, (Answer<Pairs>,)>("get-many", (bucket, keys.to_vec())).0;
    let found = vec![Some(("b".to_owned(), b"2".to_vec())), None, Some(("a".to_owned(), b"1".to_vec()))];
    assert_eq!(get(&mut guest, &["b", "c", "a"]), Ok(found));
    refused(get(&mut guest, &["b", "c", "a", "d"]), "number of keys in one call");
    refused(get(&mut guest, &["0123456789", "0123456789", "0"]), "size of one call");
    assert_eq!(guest.call::<_, (Answer<()>,)>("delete-many", (bucket, vec!["a", "c"])).0, Ok(()));
    assert_eq!(values.keys(""), ["b"]);

    // Those before the error are set.
    let large = vec![("d".to_owned(), b"4".to_vec()), ("e".to_owned(), vec![0; 20])];
    refused(guest.call::<_, (Answer<()>,)>("set-many", (bucket, large)).0, "size of one call");
    assert_eq!(values.keys(""), ["b", "d"]);
}

/// A list may name the same bytes of the guest's memory any number of times.
#[test]
fn one_key_many_times() {
    let values = KeyValue::with_limits(KeyValueLimits::new().call_size(100_000));
    values.set("", "key", vec![7; 1000]).unwrap();
    let (mut guest, bucket) = ready(&values);
    let same = |guest: &mut Guest, times: u32| guest.call::<_, (Answer<Pairs>,)>("same-key", (bucket, "key", times)).0;
    assert_eq!(same(&mut guest, 3).unwrap(), vec![Some(("key".to_owned(), vec![7; 1000])); 3]);
    refused(same(&mut guest, 200), "size of one call");
    refused(same(&mut guest, 60_000), "number of keys in one call");
}

#[test]
fn keys_are_listed_in_parts() {
    let values = KeyValue::with_limits(KeyValueLimits::new().call_keys(2));
    for key in ["c", "a", "e", "b", "d"] {
        values.set("", key, "").unwrap();
    }
    let (mut guest, bucket) = ready(&values);
    let first = guest.list(bucket, None);
    assert_eq!(first.keys, ["c", "a"]);
    // A key that goes and one that comes do not move the others.
    assert_eq!(guest.delete(bucket, "c"), Ok(()));
    assert_eq!(guest.set(bucket, "f", b""), Ok(()));
    let second = guest.list(bucket, first.cursor);
    assert_eq!(second.keys, ["e", "b"]);
    let third = guest.list(bucket, second.cursor);
    assert_eq!(third, Keys { keys: vec!["d".to_owned(), "f".to_owned()], cursor: None });
    for cursor in [1000, u64::MAX] {
        assert_eq!(guest.list(bucket, Some(cursor)), Keys { keys: Vec::new(), cursor: None });
    }
}

#[test]
fn values_have_limits() {
    let limits = KeyValueLimits::new().keys(3).key_size(4).value_size(10).total_size(25);
    let values = KeyValue::with_limits(limits);
    let (mut guest, bucket) = ready(&values);
    refused(guest.set(bucket, "12345", b""), "size of the key");
    refused(guest.set(bucket, "1", &[0; 11]), "size of the value");
    assert_eq!(guest.set(bucket, "1", &[0; 10]), Ok(()));
    assert_eq!(guest.set(bucket, "2", &[0; 10]), Ok(()));
    refused(guest.set(bucket, "3", &[0; 3]), "size of all keys and values");
    assert_eq!(guest.set(bucket, "3", &[0; 2]), Ok(()));
    refused(guest.set(bucket, "4", b""), "number of keys");
    assert_eq!(guest.set(bucket, "3", b""), Ok(()));
    assert_eq!(guest.delete(bucket, "1"), Ok(()));
    assert_eq!(guest.set(bucket, "4", &[0; 10]), Ok(()));

    // The host has the same limits.
    let error = values.set("", "12345", "").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error:?}");
    assert_eq!(values.set("other", "1", "").unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn keyvalue_on_an_async_engine() {
    let engine = async_engine::<V>();
    let component = Component::new(&engine, guest()).unwrap();
    let mut linker = component::Linker::new(&engine);
    linker.add_wasi_keyvalue().unwrap();
    let mut store = Store::new(&engine, ());
    store.set_wasi_keyvalue(&KeyValue::new());
    runtime().block_on(async {
        let instance = linker.instantiate_async(&mut store, &component).await.unwrap();
        let open = instance.get_typed_func::<(&str,), (Answer<ResourceAny>,)>(&mut store, "open").unwrap();
        let bucket = open.call_async(&mut store, ("",)).await.unwrap().0.unwrap();
        let increment = instance.get_typed_func::<(ResourceAny, &str, u64), (Answer<u64>,)>(&mut store, "increment");
        let increment = increment.unwrap();
        assert_eq!(increment.call_async(&mut store, (bucket, "key", 2)).await.unwrap(), (Ok(2),));
    });
}

/// The functions are there if the host adds them only, and once.
#[test]
fn keyvalue_is_off_unless_added() {
    let engine = engine::<V>();
    let component = Component::new(&engine, guest()).unwrap();
    let mut linker = component::Linker::<V, ()>::new(&engine);
    linker.add_wasi().unwrap();
    let missing = linker.instantiate_pre(&component).map(drop).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Link, "{missing:?}");
    let missing = missing.missing_import().expect("the import is named");
    assert!(missing.name.starts_with("wasi:keyvalue/"), "{missing:?}");
    linker.add_wasi_keyvalue().unwrap();
    linker.instantiate_pre(&component).unwrap();
    assert_eq!(linker.add_wasi_keyvalue().unwrap_err().kind(), ErrorKind::Link);
}

/// A resource of the host's does not fit where a bucket is expected.
#[test]
fn buckets_are_not_made_by_the_host() {
    let (mut guest, bucket) = ready(&KeyValue::new());
    let get =
        guest.instance.get_typed_func::<(Resource<u32>, &str), (Answer<Option<Vec<u8>>>,)>(&mut guest.store, "get");
    assert_eq!(get.map(drop).unwrap_err().kind(), ErrorKind::TypeMismatch);
    assert!(bucket.owned());
}
