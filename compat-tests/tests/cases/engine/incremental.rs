//! Incremental compilation: functions come from the store of the host's, and nothing else does.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use compat_tests::wat;
use wasmtime_compat::{CacheStore, Config, Engine, ErrorKind, Linker, Module, Store, Strategy};

use super::V;

#[derive(Debug, Default)]
struct InMemory {
    functions: Mutex<HashMap<Vec<u8>, Vec<u8>>>,
    hits: AtomicUsize,
    misses: AtomicUsize,
    inserted: AtomicUsize,
    refuses: bool,
}

impl CacheStore for InMemory {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let found = self.functions.lock().unwrap().get(key).cloned();
        let count = if found.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        found.map(Cow::Owned)
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        self.inserted.fetch_add(1, Ordering::Relaxed);
        if !self.refuses {
            self.functions.lock().unwrap().insert(key.to_vec(), value);
        }
        !self.refuses
    }
}

impl InMemory {
    /// Hits, misses and insertions since the last look.
    fn counts(&self) -> [usize; 3] {
        [&self.hits, &self.misses, &self.inserted].map(|count| count.swap(0, Ordering::Relaxed))
    }
}

fn engine(store: &Arc<InMemory>) -> Engine<V> {
    Engine::new(&Config::new().enable_incremental_compilation(store.clone())).unwrap()
}

/// A guest of two functions; the second one adds `n`.
fn guest(n: i32) -> Vec<u8> {
    wat(&format!(
        "(module
            (func (export \"twice\") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (func (export \"more\") (param i32) (result i32) (i32.add (local.get 0) (i32.const {n}))))"
    ))
}

fn use_guest(engine: &Engine<V>, n: i32) {
    let module = Module::new(engine, guest(n)).unwrap();
    let mut store = Store::new(engine, ());
    let instance = Linker::new(engine).instantiate(&mut store, &module).unwrap();
    for (name, result) in [("twice", 14), ("more", 7 + n)] {
        let func = instance.get_typed_func::<i32, i32>(&mut store, name).unwrap();
        assert_eq!(func.call(&mut store, 7).unwrap(), result);
    }
}

#[test]
fn functions_are_compiled_once() {
    let store = Arc::new(InMemory::default());
    // On one thread: on 48 the key of a function depends on what its thread has compiled before.
    let config = Config::new().parallel_compilation(false).enable_incremental_compilation(store.clone());
    let engine = || Engine::new(&config).unwrap();
    use_guest(&engine(), 1);
    let [again, first, inserted] = store.counts();
    // What connects functions of one type to the host is the same.
    assert!(first >= 4 && again >= 1 && inserted == first, "{again} {first} {inserted}");
    // Another engine, the same guest.
    use_guest(&engine(), 1);
    assert_eq!(store.counts(), [again + first, 0, 0]);
    // One of the functions is another one.
    use_guest(&engine(), 2);
    assert_eq!(store.counts(), [again + first - 1, 1, 1]);
}

/// Other settings are other keys.
#[test]
fn settings_are_part_of_the_key() {
    let store = Arc::new(InMemory::default());
    use_guest(&engine(&store), 1);
    store.counts();
    let config = Config::new().cranelift_opt_level(wasmtime_compat::OptLevel::None);
    use_guest(&Engine::new(&config.enable_incremental_compilation(store.clone())).unwrap(), 1);
    let [hits, misses, inserted] = store.counts();
    assert!(misses >= 2 && inserted == misses, "{hits} {misses} {inserted}");
}

#[test]
fn the_store_does_not_change_what_is_compiled() {
    let plain = Engine::<V>::new(&Config::new()).unwrap();
    let engine = engine(&Arc::default());
    assert_eq!(plain.fingerprint(), engine.fingerprint());
    assert!(engine.precompile(guest(3)).is_ok());
    use_guest(&engine, 3);
}

/// A value that is not the one that was inserted with its key is not used.
#[test]
fn damaged_values() {
    type Damage = fn(&mut HashMap<Vec<u8>, Vec<u8>>);
    let damages: [Damage; 6] = [
        |functions| functions.values_mut().for_each(Vec::clear),
        |functions| functions.values_mut().for_each(|value| value.truncate(value.len() / 2)),
        |functions| functions.values_mut().for_each(|value| value.push(0)),
        |functions| {
            for value in functions.values_mut() {
                let middle = value.len() / 2;
                value[middle] ^= 1;
            }
        },
        |functions| functions.values_mut().for_each(|value| value.fill(0xff)),
        // The values of other keys.
        |functions| {
            let mut values: Vec<_> = functions.values().cloned().collect();
            values.rotate_left(1);
            functions.values_mut().zip(values).for_each(|(value, other)| *value = other);
        },
    ];
    for damage in damages {
        let store = Arc::new(InMemory::default());
        use_guest(&engine(&store), 1);
        damage(&mut store.functions.lock().unwrap());
        store.counts();
        use_guest(&engine(&store), 1);
        let [hits, _, inserted] = store.counts();
        assert!(inserted >= 2, "{hits} {inserted}");
    }
}

#[test]
fn a_store_that_keeps_nothing() {
    let store = Arc::new(InMemory { refuses: true, ..InMemory::default() });
    for _ in 0..2 {
        use_guest(&engine(&store), 1);
        assert_eq!(store.counts()[0], 0);
    }
}

#[test]
fn winch_has_no_functions_to_share() {
    let config = Config::new().strategy(Strategy::Winch).enable_incremental_compilation(Arc::<InMemory>::default());
    assert_eq!(Engine::<V>::new(&config).unwrap_err().kind(), ErrorKind::Config);
}
