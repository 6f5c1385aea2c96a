//! Engines: weak references, identity, and the hash that caches of compiled code use.

use std::hash::{DefaultHasher, Hash, Hasher};

use compat_tests::engine;
use wasmtime_compat::{Config, Engine, OptLevel, Store};

use super::V;

#[test]
fn a_weak_engine_is_there_while_a_store_is() {
    let engine = engine::<V>();
    let weak = engine.weak();
    assert!(Engine::same(&weak.upgrade().unwrap(), &engine));
    let store = Store::new(&engine, ());
    drop(engine);
    assert!(Engine::same(&weak.clone().upgrade().unwrap(), store.engine()));
    drop(store);
    assert!(weak.upgrade().is_none());
}

#[test]
fn engines_are_the_same_or_not() {
    let (one, other) = (engine::<V>(), engine::<V>());
    assert!(Engine::same(&one, &one.clone()));
    assert!(!Engine::same(&one, &other));
    let config = Config::new();
    let [wrapped, again] = [(); 2].map(|()| Engine::<V>::from_raw(one.as_raw().clone(), &config));
    assert!(Engine::same(&wrapped, &again) && Engine::same(&one, &again));
}

#[test]
fn hashes_of_what_decides_about_compiled_code() {
    let hash = |config: &Config| {
        let mut hasher = DefaultHasher::new();
        Engine::<V>::new(config).unwrap().precompile_compatibility_hash().hash(&mut hasher);
        hasher.finish()
    };
    assert_eq!(hash(&Config::new()), hash(&Config::new()));
    assert_ne!(hash(&Config::new()), hash(&Config::new().cranelift_opt_level(OptLevel::None)));
}
