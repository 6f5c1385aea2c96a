//! The guests: core modules in text form, made components for the version of the world that each was written for.

use anyhow::{Context as _, Result};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

type Files = &'static [(&'static str, &'static str)];

macro_rules! wit {
    ($folder:literal: $($file:literal),*) => {
        &[$(($file, include_str!(concat!("../wit/", $folder, "/", $file)))),*]
    };
}

pub const V0_1_0: Files = wit!("since_v0.1.0": "extension.wit", "platform.wit", "process.wit");
pub const V0_2_0: Files = wit!("since_v0.2.0": "extension.wit", "platform.wit", "process.wit", "slash-command.wit");
pub const V0_3_0: Files =
    wit!("since_v0.3.0": "extension.wit", "platform.wit", "process.wit", "slash-command.wit", "lsp.wit");

/// Makes a component of a module that names the version of its API in a custom section.
pub fn component(name: &str, wit: Files, text: &str) -> Result<Vec<u8>> {
    encode(wit, text).with_context(|| format!("make {name}"))
}

fn encode(wit: Files, text: &str) -> Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    // The first file has the name of the package.
    let (first, rest) = wit.split_first().context("a package has files")?;
    let mut source = first.1.to_owned();
    rest.iter().for_each(|(_, text)| source.push_str(text));
    let package = resolve.push_str("extension.wit", &source)?;
    let world = resolve.select_world(&[package], Some("extension"))?;
    let mut module = wat::parse_str(text.replace(";; prelude", include_str!("../guest/prelude.wat")))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)?;
    ComponentEncoder::default().validate(true).module(&module)?.encode()
}
