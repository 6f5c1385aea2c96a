//! Owns the custom sections around the modules: what the old component says about itself, the new one says too.

use std::borrow::Cow;

use wasm_encoder::{ComponentNameSection, ComponentSection as _, CustomSection, RawCustomSection, RawSection};
use wasm_metadata::Producers;
use wasmparser::{ComponentName, CustomSectionReader, KnownCustom, Parser, Payload};

use super::layout::{Layout, unreadable};
use super::refusal::Refusal;

/// The new component with what the old one said about itself. The names it gave to indices are left out, for the
/// indices are others now; its own name is kept. Tools are listed together. Nothing inside is written anew.
pub(super) fn carry_over(old: &Layout<'_>, new: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut out = wasm_encoder::Component::HEADER.to_vec();
    let mut tools = Producers::empty();
    old.customs.iter().for_each(|section| add_tools(&mut tools, section));
    let name = old.customs.iter().find_map(own_name);
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(new) {
        let payload = payload.map_err(unreadable)?;
        if depth == 0 {
            match &payload {
                Payload::CustomSection(section) if section.name() == "producers" => add_tools(&mut tools, section),
                Payload::CustomSection(section) if section.name() == "component-name" => {
                    let mut data = name.map(name_alone).unwrap_or_default();
                    data.extend(section.data());
                    CustomSection { name: "component-name".into(), data: data.into() }.append_to_component(&mut out);
                }
                _ => {
                    let section = payload.as_section().and_then(|(id, range)| {
                        let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
                        Some(RawSection { id, data: new.get(range)? })
                    });
                    if let Some(section) = section {
                        section.append_to_component(&mut out);
                    }
                }
            }
        }
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    for section in &old.customs {
        if !matches!(section.name(), "producers" | "component-name") {
            let (name, data) = (Cow::Borrowed(section.name()), Cow::Borrowed(section.data()));
            CustomSection { name, data }.append_to_component(&mut out);
        }
    }
    tools.add("processed-by", "wasmtime-compat", env!("CARGO_PKG_VERSION"));
    RawCustomSection(&tools.raw_custom_section()).append_to_component(&mut out);
    Ok(out)
}

/// Adds the tools of a producers section; one that cannot be read says nothing that could be kept.
fn add_tools(tools: &mut Producers, section: &CustomSectionReader<'_>) {
    if section.name() == "producers"
        && let Ok(theirs) = Producers::from_bytes(section.data(), section.data_offset())
    {
        tools.merge(&theirs);
    }
}

/// The name that a component gives itself.
fn own_name<'a>(section: &CustomSectionReader<'a>) -> Option<&'a str> {
    let KnownCustom::ComponentName(names) = section.as_known() else { return None };
    names.into_iter().find_map(|name| match name {
        Ok(ComponentName::Component { name, .. }) => Some(name),
        _ => None,
    })
}

/// The contents of a section of names with this one only.
fn name_alone(name: &str) -> Vec<u8> {
    let mut section = ComponentNameSection::new();
    section.component(name);
    section.as_custom().data.into_owned()
}
