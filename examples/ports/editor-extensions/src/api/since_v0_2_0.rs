//! The second version of the world: also slash commands and settings.

use anyhow::Result;
use wasmtime_compat::component::{Linker, Resource};
use wasmtime_compat::{Engine, Wasmtime};

use super::since_v0_3_0 as latest;
use crate::state::State;

wasmtime_compat::bindgen!({
    path: "wit/since_v0.2.0",
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

impl editor::extension::slash_command::Host for State {}

impl ExtensionImports for State {
    async fn set_server_status(&mut self, server: String, status: ServerStatus) -> Result<()> {
        latest::ExtensionImports::set_server_status(self, server, status.into()).await
    }

    async fn get_setting(&mut self, category: String, key: Option<String>) -> Result<Result<String, String>> {
        latest::ExtensionImports::get_setting(self, category, key).await
    }
}

impl From<ServerStatus> for latest::ServerStatus {
    fn from(status: ServerStatus) -> Self {
        match status {
            ServerStatus::None => Self::None,
            ServerStatus::Looking => Self::Looking,
            ServerStatus::Failed(reason) => Self::Failed(reason),
        }
    }
}

impl From<SlashCommandOutput> for latest::SlashCommandOutput {
    fn from(output: SlashCommandOutput) -> Self {
        Self { text: output.text, sections: output.sections.into_iter().map(Into::into).collect() }
    }
}

impl From<editor::extension::slash_command::Section> for latest::editor::extension::slash_command::Section {
    fn from(section: editor::extension::slash_command::Section) -> Self {
        let range = latest::editor::extension::slash_command::Range { start: section.start, end: section.end };
        Self { range, label: section.label }
    }
}
