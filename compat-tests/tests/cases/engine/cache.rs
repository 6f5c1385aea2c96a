//! Caches of compiled guests: what is taken from them, what is not, and how large they become.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use compat_tests::{Adapter, command, component, wat};
use tempfile::tempdir;
use wasmtime_compat::component::Component;
use wasmtime_compat::{
    Cache, CacheConfig, Command, Config, CoreWasmtime, Engine, ErrorKind, Linker, Module, OptLevel, Outcome, RunConfig,
    Store, by_major,
};

use super::V;

fn cache(directory: &Path, set: impl FnOnce(&mut CacheConfig)) -> Cache {
    let mut config = CacheConfig::new();
    set(config.with_directory(directory.join("cache")));
    Cache::new(config).unwrap()
}

fn engine(cache: &Cache) -> Engine<V> {
    Engine::new(&Config::new().cache(Some(cache.clone()))).unwrap()
}

fn counts(cache: &Cache) -> (usize, usize, usize) {
    (cache.cache_hits(), cache.cache_misses(), cache.cache_failures())
}

fn files(cache: &Cache) -> Vec<std::path::PathBuf> {
    fs::read_dir(cache.directory()).unwrap().map(|file| file.unwrap().path()).collect()
}

/// A module whose function returns this number.
fn numbered(number: i32) -> Vec<u8> {
    wat(&format!(r#"(module (func (export "number") (result i32) (i32.const {number})))"#))
}

fn number(engine: &Engine<V>, wasm: &[u8]) -> i32 {
    let module = Module::new(engine, wasm).unwrap();
    let mut store = Store::new(engine, ());
    let instance = Linker::new(engine).instantiate(&mut store, &module).unwrap();
    instance.get_typed_func::<(), i32>(&mut store, "number").unwrap().call(&mut store, ()).unwrap()
}

#[test]
fn guests_are_compiled_once() {
    let directory = tempdir().unwrap();
    let first = cache(directory.path(), |_| ());
    let preview1 = command("(call $exit (i32.const 1))");
    let guests = [preview1.clone(), component(&preview1, Adapter::V24)];
    for times in 0..3 {
        // As another process would.
        let cache = cache(directory.path(), |_| ());
        let engine = engine(&cache);
        assert_eq!(number(&engine, &numbered(40)), 40);
        assert_eq!(number(&engine, &numbered(41)), 41);
        for wasm in &guests {
            let command = Command::new(&engine, wasm).unwrap();
            let done = command.run(&RunConfig::new()).unwrap();
            assert!(matches!(done.outcome, Outcome::Exited(1)), "{done:?}");
        }
        assert_eq!(counts(&cache), if times == 0 { (0, 4, 0) } else { (4, 0, 0) });
        assert_eq!(files(&cache).len(), 4);
    }
    // A synchronous engine and an asynchronous one compile alike.
    let wasmtime = by_major(V::MAJOR).unwrap();
    for _ in 0..2 {
        let engine = wasmtime.engine(&Config::new().cache(Some(first.clone()))).unwrap();
        engine.compile(&preview1).unwrap();
    }
}

#[test]
fn a_configuration_file_of_wasmtime() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("config.toml");
    let path = directory.path().join("cache");
    let write = |text: &str| fs::write(&file, text).unwrap();
    write(&format!(
        "[cache]\nenabled = true\ndirectory = {path:?}\nfile-count-soft-limit = \"4\"\nbaseline-compression-level = 3\n\
         file-count-limit-percent-if-deleting = \"50%\"\ncleanup-interval = \"1d\""
    ));
    let cache = Cache::from_file(Some(&file)).unwrap();
    assert_eq!(cache.directory(), path.canonicalize().unwrap());
    let engine = engine(&cache);
    for number in 0..5 {
        Module::new(&engine, numbered(number)).unwrap();
    }
    assert_eq!(files(&cache).len(), 2, "half of the limit is left");
    for (text, problem) in [
        ("[cache]\nsize = 1", "unknown key `size`"),
        ("[cache]\ndirectory = \"here\"", "`directory` must be absolute"),
        ("", "no table `[cache]`"),
    ] {
        write(text);
        let error = Cache::from_file(Some(&file)).unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.message().contains(problem), "{error:?}");
    }
    let missing = CacheConfig::from_file(Some(&directory.path().join("nowhere"))).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Io);
}

#[test]
fn what_an_adapter_gets_wrong_is_kept() {
    let directory = tempdir().unwrap();
    let cache = cache(directory.path(), |_| ());
    let wasm = component(&compat_tests::print_preopens(), Adapter::V24);
    let plain = Component::new(&Engine::<V>::new(&Config::new()).unwrap(), &wasm).unwrap();
    for _ in 0..2 {
        let component = Component::new(&engine(&cache), &wasm).unwrap();
        assert_eq!(component.adapter_warnings(), plain.adapter_warnings());
    }
    assert_eq!(counts(&cache), (1, 1, 0));
}

#[test]
fn other_settings_and_other_guests() {
    let directory = tempdir().unwrap();
    let cache = cache(directory.path(), |_| ());
    let configs = [
        Config::new(),
        Config::new().cranelift_opt_level(OptLevel::None),
        Config::new().consume_fuel(true),
        Config::new().allow_complex_guests(true),
    ];
    for config in configs {
        let engine = Engine::<V>::new(&config.cache(Some(cache.clone()))).unwrap();
        for _ in 0..2 {
            Module::new(&engine, numbered(1)).unwrap();
        }
    }
    assert_eq!(counts(&cache), (4, 4, 0));
    let error = Module::new(&engine(&cache), b"\0asm\x01\0\0\0\x01").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidGuest);
    let error = Module::new(&engine(&cache), wat("(component)")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongGuestKind);
    assert_eq!(files(&cache).len(), 4);
}

#[test]
fn damaged_entries_are_compiled_again() {
    let directory = tempdir().unwrap();
    let wasm = numbered(5);
    let length = {
        let cache = cache(directory.path(), |_| ());
        number(&engine(&cache), &wasm);
        fs::metadata(&files(&cache)[0]).unwrap().len()
    };
    let mut misses = 0;
    for at in (0..length).step_by(97).chain(0..200).filter(|at| *at < length) {
        let cache = cache(directory.path(), |_| ());
        let path = files(&cache).pop().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[at as usize] ^= 0x55;
        fs::write(&path, if at % 2 == 0 { &bytes[..] } else { &bytes[..at as usize] }).unwrap();
        assert_eq!(number(&engine(&cache), &wasm), 5);
        assert_eq!(cache.cache_failures(), 0);
        misses += cache.cache_misses();
        assert_eq!((cache.cache_hits(), cache.cache_misses()), (0, 1), "{at}");
    }
    assert!(misses > 100, "{misses}");
}

#[test]
fn an_entry_of_another_guest_is_not_used() {
    let directory = tempdir().unwrap();
    let cache = cache(directory.path(), |_| ());
    let engine = engine(&cache);
    number(&engine, &numbered(1));
    let one = files(&cache).pop().unwrap();
    number(&engine, &numbered(2));
    let other = files(&cache).into_iter().find(|path| *path != one).unwrap();
    // As if both had the same digest.
    fs::copy(&one, &other).unwrap();
    assert_eq!(number(&engine, &numbered(2)), 2);
    assert_eq!(number(&engine, &numbered(1)), 1);
    assert_eq!(counts(&cache), (1, 3, 0));
}

#[test]
fn the_least_recently_used_are_removed() {
    let directory = tempdir().unwrap();
    let cache = cache(directory.path(), |config| {
        config.with_file_count_soft_limit(10);
    });
    fs::write(cache.directory().join("notes.txt"), "kept").unwrap();
    let engine = engine(&cache);
    let now = SystemTime::now();
    for at in 0..10 {
        let before = files(&cache);
        number(&engine, &numbered(at));
        let new = files(&cache).into_iter().find(|path| !before.contains(path)).unwrap();
        let age = Duration::from_secs(10_000 - 100 * at as u64);
        File::options().write(true).open(new).unwrap().set_modified(now - age).unwrap();
    }
    // The oldest is used again.
    number(&engine, &numbered(0));
    assert_eq!(counts(&cache), (1, 10, 0));
    number(&engine, &numbered(100));
    assert_eq!(files(&cache).len(), 8, "seven entries and another file");
    let hits = cache.cache_hits();
    for at in [0, 5, 6, 7, 8, 9, 100] {
        number(&engine, &numbered(at));
    }
    assert_eq!(cache.cache_hits(), hits + 7);
    assert_eq!(fs::read(cache.directory().join("notes.txt")).unwrap(), b"kept");
}

#[test]
fn the_size_is_bounded() {
    let directory = tempdir().unwrap();
    let size = {
        let cache = cache(&directory.path().join("one"), |_| ());
        number(&engine(&cache), &numbered(1));
        fs::metadata(files(&cache).pop().unwrap()).unwrap().len()
    };
    let limit = size * 5 + size / 2;
    let cache = cache(directory.path(), |config| {
        config.with_files_total_size_soft_limit(limit);
    });
    let engine = engine(&cache);
    for at in 0..40 {
        number(&engine, &numbered(at));
        let bytes: u64 = files(&cache).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
        assert!(bytes <= limit, "{bytes} of {limit}");
    }
    // Nothing fits into it.
    let tiny = self::cache(&directory.path().join("tiny"), |config| {
        config.with_files_total_size_soft_limit(10);
    });
    assert_eq!(number(&self::engine(&tiny), &numbered(3)), 3);
    assert_eq!((files(&tiny).len(), tiny.cache_failures()), (0, 0));
}

#[test]
fn many_threads_use_one_directory() {
    let directory = tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let cache = cache(directory.path(), |config| {
                    config.with_file_count_soft_limit(5);
                });
                let engine = engine(&cache);
                for at in 0..60 {
                    assert_eq!(number(&engine, &numbered(at % 8)), at % 8);
                }
                assert_eq!(cache.cache_failures(), 0);
            });
        }
    });
    let cache = cache(directory.path(), |_| ());
    assert_eq!(files(&cache).iter().filter(|path| path.extension().is_some_and(|it| it == "wtc-tmp")).count(), 0);
}

#[test]
fn a_directory_that_goes_away() {
    let directory = tempdir().unwrap();
    let cache = cache(directory.path(), |_| ());
    let engine = engine(&cache);
    fs::remove_dir_all(cache.directory()).unwrap();
    assert_eq!(number(&engine, &numbered(3)), 3);
    assert_eq!(counts(&cache), (0, 1, 1));
    fs::write(directory.path().join("file"), "").unwrap();
    let mut config = CacheConfig::new();
    config.with_directory(directory.path().join("file"));
    assert_eq!(Cache::new(config).unwrap_err().kind(), ErrorKind::Io);
}

#[cfg(unix)]
#[test]
fn directories_that_others_can_write_to() {
    use std::os::unix::fs::PermissionsExt as _;

    let directory = tempdir().unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let open = || {
        let mut config = CacheConfig::new();
        config.with_directory(directory.path().join("above/cache"));
        Cache::new(config)
    };
    let cache = open().unwrap();
    assert_eq!(fs::metadata(cache.directory()).unwrap().permissions().mode() & 0o777, 0o700);
    for (bits, is_safe) in [(0o755, true), (0o770, false), (0o702, false), (0o700, true)] {
        mode(cache.directory(), bits);
        match open() {
            Ok(_) => assert!(is_safe, "{bits:o}"),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Config, "{error:?}");
                assert!(!is_safe && error.message().contains("is not safe for compiled code"), "{error:?}");
            }
        }
    }
    let above = directory.path().join("above");
    for (bits, is_safe) in [(0o777, false), (0o1777, true), (0o755, true)] {
        mode(&above, bits);
        assert_eq!(open().is_ok(), is_safe, "{bits:o}");
    }
}
