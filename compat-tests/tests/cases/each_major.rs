//! Code of a user's own that is compiled once per major: items, modules, files, and statics with a value for each major.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use wasmtime_compat::{
    Config, CoreWasmtime, Engine, PerMajor, Visitor, Wasmtime, by_major, enabled, for_each_major, if_major, mount,
    per_major, visit_enabled, visit_major,
};

use super::V;

trait Items: Wasmtime {
    fn major() -> u64;
}

trait Inline: Wasmtime {
    fn major() -> u64;
}

pub(super) trait File: Wasmtime {
    fn major() -> u64;
}

for_each_major! {
    use wasmtime_wasi as _;

    impl Items for V {
        fn major() -> u64 {
            let engine = wasmtime::Engine::new(&wasmtime::Config::new());
            if engine.is_ok() { MAJOR } else { 0 }
        }
    }
}

mount! {
    mod inline {
        use wasmtime::Engine;

        impl super::super::Inline for V {
            fn major() -> u64 {
                if Engine::new(&wasmtime::Config::new()).is_ok() { MAJOR } else { 0 }
            }
        }
    }
}

mount! {
    /// A file, mounted.
    mod file = "../conformance/mounted.rs";
}

#[test]
fn items_modules_and_files() {
    assert_eq!(<V as Items>::major(), V::MAJOR);
    assert_eq!(<V as Inline>::major(), V::MAJOR);
    assert_eq!(<V as File>::major(), V::MAJOR);
}

macro_rules! sizes {
    ($($module:ident $marker:ident $number:literal,)*) => {
        [$(($number, <wasmtime_compat::$marker as CoreWasmtime>::MAJOR, file::$module::size_of_engine())),*]
    };
}

#[test]
fn a_list_of_the_majors() {
    let sizes = for_each_major!(sizes);
    assert!(sizes.iter().any(|(number, major, size)| (*number, *major, *size > 0) == (V::MAJOR, V::MAJOR, true)));
    let majors: Vec<u64> = enabled().iter().map(|wasmtime| wasmtime.major()).collect();
    assert_eq!(sizes.map(|(number, _, _)| number).to_vec(), majors);
}

if_major!(48 => {
    const NEWEST_OF_ITS_TIME: bool = true;
} else {
    const NEWEST_OF_ITS_TIME: bool = false;
});

#[test]
fn a_choice_by_what_is_compiled_in() {
    assert_eq!(NEWEST_OF_ITS_TIME, by_major(48).is_some());
    assert_eq!(if_major!(18 => { 1 + 1 } else { 0 }), if by_major(18).is_some() { 2 } else { 0 });
    #[allow(unused_mut, reason = "without 19 nothing changes it")]
    let mut found = 0;
    if_major!(19 => { found += 1; });
    assert_eq!(found == 1, by_major(19).is_some());
}

per_major! {
    /// A count for each major.
    static COUNT: AtomicU64 = AtomicU64::new(V::MAJOR);
    pub(super) static ENGINE<W: Wasmtime>: OnceLock<Engine<W>> = OnceLock::new();
}

/// The addresses of a static on every major, and whether its value stays.
struct Addresses;

impl Visitor for Addresses {
    type Output = usize;

    fn visit<W: Wasmtime>(&mut self) -> usize {
        let engine = ENGINE.of::<W>().get_or_init(|| Engine::new(&Config::new()).unwrap());
        assert!(std::ptr::eq(engine, ENGINE.of::<W>().get().unwrap()));
        std::ptr::from_ref(COUNT.of::<W>()).addr()
    }
}

#[test]
fn statics_with_a_value_for_each_major() {
    let before = COUNT.of::<V>().fetch_add(2, Ordering::Relaxed);
    assert_eq!((before, COUNT.of::<V>().load(Ordering::Relaxed)), (V::MAJOR, V::MAJOR + 2));
    let addresses = visit_enabled(&mut Addresses);
    assert_eq!(addresses.iter().collect::<BTreeSet<_>>().len(), addresses.len());
}

#[test]
fn one_major_by_its_number() {
    let addresses = visit_enabled(&mut Addresses);
    let here = enabled().iter().position(|wasmtime| wasmtime.major() == V::MAJOR).unwrap();
    assert_eq!(visit_major(V::MAJOR, &mut Addresses), Some(addresses[here]));
    assert_eq!(visit_major(17, &mut Addresses), None);
}

#[test]
fn a_value_that_may_not_be_made() {
    static MAP: PerMajor = PerMajor::new();
    assert_eq!(MAP.get_or_try_init::<V, u8, _>(|| Err("not now")), Err("not now"));
    let number = MAP.get_or_try_init::<V, u8, &str>(|| Ok(7)).unwrap();
    assert!(std::ptr::eq(number, MAP.get_or_try_init::<V, u8, _>(|| Err("not again")).unwrap()));
    assert!(std::ptr::eq(number, MAP.get_or_init::<V, u8>(|| 8)));
    assert_eq!(MAP.get_or_try_init::<V, String, _>(|| Err(1)), Err(1));
    let text = MAP.get_or_try_init::<V, String, u8>(|| Ok("text".to_owned())).unwrap();
    assert!(std::ptr::eq(text, MAP.get_or_init::<V, String>(String::new)));
}

#[test]
fn a_map_by_major() {
    static MAP: PerMajor = PerMajor::new();
    let text = MAP.get_or_init::<V, String>(|| format!("Wasmtime {}", V::MAJOR));
    assert_eq!(*text, format!("Wasmtime {}", V::MAJOR));
    assert!(std::ptr::eq(text, MAP.get_or_init::<V, String>(String::new)));
    // A second type has a value of its own.
    let number = MAP.get_or_init::<V, u32>(|| 7);
    assert_eq!(*number, 7);
    assert!(std::ptr::eq(number, MAP.get_or_init::<V, u32>(|| 8)));
    assert_eq!(format!("{MAP:?}"), format!("{{{}}}", V::MAJOR));
}
