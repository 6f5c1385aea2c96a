//! The chores of this repository. `cargo xtask --help` lists them; each command is a file of its own.

mod codegen;
mod versions;

use anyhow::Result;

fn main() -> Result<()> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let v = versions::Versions::load(root)?;
    println!("{:?}", codegen::write(root, &v)?);
    println!("{:?} {:?}", codegen::stale(root, &v)?, v.select("all"));
    Ok(())
}
