//! Replays what fuzzing has found worth keeping: the guest report is harmless on all of it.

mod shared;

#[path = "shared/harmless.rs"]
mod harmless;

use std::fs;
use std::path::Path;

use self::shared::{adapters, component, frugal_module, module, nest, strip};

fn corpus() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/guest_report")
}

#[test]
fn the_kept_corpus_is_harmless() {
    let mut files = 0;
    for entry in fs::read_dir(corpus()).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        harmless::check(&fs::read(&path).unwrap());
        files += 1;
    }
    assert!(files > 100, "{files} files: is the corpus there?");
}

/// What fuzzing starts from, beside the corpus.
#[test]
#[ignore = "writes to the corpus"]
fn seeds() {
    let mut seeds = vec![module(), frugal_module(), nest(&[])];
    for (_, _, adapter) in adapters() {
        let small = component(&frugal_module(), adapter);
        seeds.extend([component(&module(), adapter), strip(&small), nest(&[&nest(&[&small])]), small]);
    }
    fs::create_dir_all(corpus()).unwrap();
    for (number, seed) in seeds.iter().enumerate() {
        harmless::check(seed);
        fs::write(corpus().join(format!("seed-{number:02}")), seed).unwrap();
    }
}
