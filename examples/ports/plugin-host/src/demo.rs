//! The plug-ins of the demonstration, and the calls of them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::manifest::Manifest;

/// The plug-in, its function and the input.
pub const CALLS: [(&str, &str, &str); 20] = [
    ("shout", "uppercase", "hello, plug-in"),
    ("plain", "uppercase", "no suffix"),
    ("shout", "lowercase", "hello"),
    ("visits", "count", "/index"),
    ("visits", "count", "/index"),
    ("clicks", "count", "/index"),
    ("visits", "count", "/a/long/path/to/a/page"),
    ("visits", "count", "/index"),
    ("alpha", "read", "note.txt"),
    ("beta", "read", "note.txt"),
    ("alpha", "read", "beta.txt"),
    ("alpha", "read", "../beta/beta.txt"),
    ("beta", "read", "beta.txt"),
    ("hog", "fill", ""),
    ("strict", "fill", ""),
    ("metered", "spin", ""),
    ("stuck", "spin", ""),
    ("rogue", "lie", ""),
    ("rogue", "poke", ""),
    ("shout", "uppercase", "still here"),
];

/// The manifests of the plug-ins, whose directories are made in `folder`.
pub fn manifests(folder: &Path) -> Result<Vec<Manifest>> {
    for (name, files) in [("alpha", &["note.txt"][..]), ("beta", &["note.txt", "beta.txt"])] {
        let directory = folder.join(name);
        fs::create_dir_all(&directory).with_context(|| format!("make {directory:?}"))?;
        for file in files {
            fs::write(directory.join(file), format!("{file} of {name}")).with_context(|| format!("write {file}"))?;
        }
    }
    let uppercase = wat::parse_str(include_str!("../guest/uppercase.wat"))?;
    let counter = wat::parse_str(include_str!("../guest/counter.wat"))?;
    let reader = wat::parse_str(include_str!("../guest/reader.wat"))?;
    let hog = wat::parse_str(include_str!("../guest/hog.wat"))?;
    let rogue = wat::parse_str(include_str!("../guest/rogue.wat"))?;

    let mut shout = Manifest::new("shout", uppercase.clone());
    shout.config.insert("suffix".to_owned(), "!!!".to_owned());
    let plain = Manifest::new("plain", uppercase);
    let (visits, clicks) = (Manifest::new("visits", counter.clone()), Manifest::new("clicks", counter));
    let alpha = Manifest { directory: Some(folder.join("alpha")), ..Manifest::new("alpha", reader.clone()) };
    let beta = Manifest { directory: Some(folder.join("beta")), ..Manifest::new("beta", reader) };
    let strict = Manifest { strict: true, ..Manifest::new("strict", hog.clone()) };
    let hog = Manifest::new("hog", hog);
    let metered = Manifest { fuel: 100_000, ..Manifest::new("metered", rogue.clone()) };
    let stuck = Manifest { timeout: Duration::from_millis(100), ..Manifest::new("stuck", rogue.clone()) };
    let rogue = Manifest::new("rogue", rogue);
    Ok(vec![shout, plain, visits, clicks, alpha, beta, hog, strict, metered, stuck, rogue])
}
