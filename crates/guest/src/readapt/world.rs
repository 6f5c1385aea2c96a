//! Owns the world of the main module: found again in the component, without what only the adapter brought in, and
//! written as the metadata that a module carries before a component is made of it.

use std::collections::BTreeSet;

use wit_component::{DecodedWasm, StringEncoding};
use wit_parser::{LiveTypes, Resolve, TypeOwner, WorldId, WorldItem, WorldKey};

use super::refusal::Refusal;
use super::shapes::Shapes;
use super::wiring::{Wiring, version_track};

/// What a component imports and exports.
pub(super) struct World {
    resolve: Resolve,
    id: WorldId,
}

impl World {
    pub(super) fn read(wasm: &[u8]) -> Result<Self, Refusal> {
        match wit_component::decode(wasm) {
            Ok(DecodedWasm::Component(resolve, id)) => Ok(Self { resolve, id }),
            Ok(DecodedWasm::WitPackage(..)) => {
                Err(Refusal::World("the binary is only a package of interfaces".to_owned()))
            }
            Err(error) => Err(Refusal::World(format!("{error:#}"))),
        }
    }

    /// Takes out what the main module neither imports nor exports, and what none of that refers to.
    pub(super) fn keep_only(&mut self, wiring: &Wiring<'_>) -> Result<(), Refusal> {
        let modules: BTreeSet<&str> = wiring.given.keys().map(|(module, _)| interface_of(module)).collect();
        let Self { resolve, id } = self;
        let world = resolve.worlds.get(*id).ok_or_else(|| Refusal::World("it has none".to_owned()))?;
        let named = |key: &WorldKey| resolve.name_world_key(key);
        let exports: Vec<WorldKey> =
            world.exports.keys().filter(|key| wiring.exports.contains_key(named(key).as_str())).cloned().collect();
        if let Some(lost) = wiring.exports.keys().find(|name| !exports.iter().any(|key| named(key) == **name)) {
            return Err(Refusal::World(format!("the export {lost:?} is not in the world")));
        }
        // Only interfaces of WASI come from adapters.
        let wanted = |key: &WorldKey| {
            let name = named(key);
            !name.starts_with("wasi:") || modules.contains(version_track(&name))
        };
        let mut live = LiveTypes::default();
        let kept = |(key, item): &(&WorldKey, &WorldItem)| wanted(key) || !matches!(item, WorldItem::Interface { .. });
        for (_, item) in world.imports.iter().filter(kept) {
            live.add_world_item(resolve, item);
        }
        for key in &exports {
            if let Some(item) = world.exports.get(key) {
                live.add_world_item(resolve, item);
            }
        }
        let owners = live.iter().filter_map(|ty| match resolve.types.get(ty)?.owner {
            TypeOwner::Interface(interface) => Some(interface),
            _ => None,
        });
        let owners = owners.collect::<BTreeSet<_>>();
        let imports: Vec<WorldKey> = world
            .imports
            .iter()
            .filter(|(key, item)| match item {
                WorldItem::Interface { id, .. } => wanted(key) || owners.contains(id),
                _ => true,
            })
            .map(|(key, _)| key.clone())
            .collect();
        let world = &mut resolve.worlds[*id];
        world.imports.retain(|key, _| imports.contains(key));
        world.exports.retain(|key, _| exports.contains(key));
        Ok(())
    }

    /// A module with nothing but this world in it.
    pub(super) fn metadata(&self, encoding: StringEncoding) -> Result<Vec<u8>, Refusal> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        wit_component::embed_component_metadata(&mut module, &self.resolve, self.id, encoding, false)
            .map_err(|error| Refusal::World(format!("{error:#}")))?;
        Ok(module)
    }

    /// Checks that `new` has the same exports and imports, types too, but for those of WASI that only the adapter uses.
    pub(super) fn same_but_for_wasi(&self, new: &Self) -> Result<(), Refusal> {
        let mut shapes = Shapes::default();
        let old_exports = shapes.items(&self.resolve, &self.resolve.worlds[self.id].exports);
        let new_exports = shapes.items(&new.resolve, &new.resolve.worlds[new.id].exports);
        for (name, item) in &old_exports {
            match new_exports.get(name) {
                Some(found) if found == item => {}
                Some(_) => return Err(Refusal::Changed(format!("the type of the export {name:?}"))),
                None => return Err(Refusal::Changed(format!("the export {name:?} is lost"))),
            }
        }
        let old_imports = shapes.items(&self.resolve, &self.resolve.worlds[self.id].imports);
        let new_imports = shapes.items(&new.resolve, &new.resolve.worlds[new.id].imports);
        for (name, item) in &old_imports {
            let Some(found) = new_imports.get(name) else {
                // Types that it mentions and nobody uses are not imported.
                match name.starts_with("wasi:") {
                    true => continue,
                    false => return Err(Refusal::Changed(format!("the import {name:?} is lost"))),
                }
            };
            let same = match name.starts_with("wasi:") {
                // What is used of them is in the wiring; what both have must agree.
                true => item.iter().all(|(name, shape)| found.get(name).is_none_or(|found| found == shape)),
                false => found == item,
            };
            if !same {
                return Err(Refusal::Changed(format!("the type of the import {name:?}")));
            }
        }
        match new_imports.keys().find(|name| !name.starts_with("wasi:") && !old_imports.contains_key(*name)) {
            Some(name) => Err(Refusal::Changed(format!("a new import {name:?}"))),
            None => Ok(()),
        }
    }
}

/// The interface that a core module of imports stands for, on its track of versions.
fn interface_of(module: &str) -> &str {
    let name = module.strip_prefix("cm32p2|").unwrap_or(module);
    version_track(name)
}
