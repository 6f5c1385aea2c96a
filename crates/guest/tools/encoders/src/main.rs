//! Owns encoding components as older wit-components did: requests on standard input, answers on standard output.
//!
//! A request is the number of a wit-component, then a module and an adapter; an answer is `1` and a component, or `0`
//! and why there is none. Numbers and lengths are little-endian, of four bytes.

use std::io::{self, Read, Write};

macro_rules! encode {
    ($wit_component:ident, $module:expr, $adapter:expr) => {
        ::$wit_component::ComponentEncoder::default()
            .module($module)
            .and_then(|encoder| encoder.adapter("wasi_snapshot_preview1", $adapter))
            .and_then(|mut encoder| encoder.encode())
            .map_err(|error| format!("{error:#}"))
    };
}

#[allow(unused_mut, reason = "the older ones encode a `&mut self`, the newer a `&self`")]
fn encode(version: u32, module: &[u8], adapter: &[u8]) -> Result<Vec<u8>, String> {
    match version {
        212 => encode!(wit_component_212, module, adapter),
        221 => encode!(wit_component_221, module, adapter),
        236 => encode!(wit_component_236, module, adapter),
        _ => Err(format!("wit-component 0.{version} is not here")),
    }
}

fn number(input: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn bytes(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = number(input)?;
    let mut bytes = Vec::new();
    input.take(length.into()).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn main() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    loop {
        let version = match number(&mut input) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            version => version?,
        };
        let (module, adapter) = (bytes(&mut input)?, bytes(&mut input)?);
        let (good, answer) = match encode(version, &module, &adapter) {
            Ok(component) => (1, component),
            Err(error) => (0, error.into_bytes()),
        };
        output.write_all(&[good])?;
        let length = u32::try_from(answer.len()).map_err(io::Error::other)?;
        output.write_all(&length.to_le_bytes())?;
        output.write_all(&answer)?;
        output.flush()?;
    }
}
