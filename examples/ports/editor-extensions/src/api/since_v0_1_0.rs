//! The first version of the world: language servers.

use anyhow::Result;
use wasmtime_compat::component::{Linker, Resource};
use wasmtime_compat::{Engine, Wasmtime};

use super::since_v0_3_0 as latest;
use crate::state::State;

wasmtime_compat::bindgen!({
    path: "wit/since_v0.1.0",
    with: {
        "worktree": crate::state::Worktree,
        "editor:extension/platform": super::since_v0_3_0::editor::extension::platform,
        "editor:extension/process": super::since_v0_3_0::editor::extension::process,
    },
    imports: { default: async | trappable },
    exports: { default: async },
});

pub fn linker<W: Wasmtime>(engine: &Engine<W>) -> Result<Linker<W, State>> {
    let mut linker = Linker::new(engine);
    linker.add_wasi()?;
    Extension::add_to_linker::<_, State>(&mut linker, |state| state)?;
    Ok(linker)
}

impl HostWorktree for State {
    async fn id(&mut self, worktree: Resource<Worktree>) -> Result<u64> {
        latest::HostWorktree::id(self, worktree).await
    }

    async fn root_path(&mut self, worktree: Resource<Worktree>) -> Result<String> {
        latest::HostWorktree::root_path(self, worktree).await
    }

    async fn read_text_file(&mut self, worktree: Resource<Worktree>, path: String) -> Result<Result<String, String>> {
        latest::HostWorktree::read_text_file(self, worktree, path).await
    }

    async fn which(&mut self, worktree: Resource<Worktree>, program: String) -> Result<Option<String>> {
        latest::HostWorktree::which(self, worktree, program).await
    }

    async fn drop(&mut self, worktree: Resource<Worktree>) -> Result<()> {
        latest::HostWorktree::drop(self, worktree).await
    }
}

impl ExtensionImports for State {}
