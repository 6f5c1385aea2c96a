//! The newest version of the world: also projects, labels of completions, and programs that extensions run.

use anyhow::Result;
use wasmtime_compat::component::{Linker, Resource};
use wasmtime_compat::{Engine, Wasmtime};

use crate::state::State;

use editor::extension::{lsp, platform, process, slash_command};

wasmtime_compat::bindgen!({
    path: "wit/since_v0.3.0",
    with: {
        "worktree": crate::state::Worktree,
        "project": crate::state::Project,
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
        Ok(self.table.get(&worktree)?.id())
    }

    async fn root_path(&mut self, worktree: Resource<Worktree>) -> Result<String> {
        Ok(self.table.get(&worktree)?.root_path())
    }

    async fn read_text_file(&mut self, worktree: Resource<Worktree>, path: String) -> Result<Result<String, String>> {
        let worktree = self.table.get(&worktree)?.clone();
        Ok(worktree.read_text_file(path).await)
    }

    async fn which(&mut self, worktree: Resource<Worktree>, program: String) -> Result<Option<String>> {
        let worktree = self.table.get(&worktree)?.clone();
        Ok(worktree.which(program).await)
    }

    // The editor deletes its worktrees itself: extensions only borrow them.
    async fn drop(&mut self, _: Resource<Worktree>) -> Result<()> {
        Ok(())
    }
}

impl HostProject for State {
    async fn worktree_ids(&mut self, project: Resource<Project>) -> Result<Vec<u64>> {
        Ok(self.table.get(&project)?.worktree_ids.clone())
    }

    async fn drop(&mut self, _: Resource<Project>) -> Result<()> {
        Ok(())
    }
}

impl ExtensionImports for State {
    async fn set_server_status(&mut self, server: String, status: ServerStatus) -> Result<()> {
        let status = match status {
            ServerStatus::None => return Ok(()),
            ServerStatus::Looking => "looking".to_owned(),
            ServerStatus::Failed(reason) => format!("failed, {reason}"),
        };
        self.statuses.push(format!("{server}: {status}"));
        Ok(())
    }

    async fn get_setting(&mut self, category: String, key: Option<String>) -> Result<Result<String, String>> {
        tokio::task::yield_now().await;
        Ok(match (category.as_str(), key.as_deref()) {
            ("language", Some("go")) => Ok(r#"{"tab_size":8}"#.to_owned()),
            ("language", _) => Ok(r#"{"tab_size":4}"#.to_owned()),
            _ => Err(format!("there are no settings {category}")),
        })
    }
}

impl platform::Host for State {
    async fn current(&mut self) -> Result<(platform::Os, platform::Architecture)> {
        // The same on every machine, for the sake of the demonstration.
        Ok((platform::Os::Linux, platform::Architecture::Aarch64))
    }
}

impl process::Host for State {
    async fn run(&mut self, command: process::Command) -> Result<Result<process::Output, String>> {
        tokio::task::yield_now().await;
        if !self.programs.contains(&command.program) {
            return Ok(Err(format!("the extension {} may not run {}", self.name, command.program)));
        }
        let stdout = format!("{} {}", command.program, command.arguments.join(" ")).into_bytes();
        Ok(Ok(process::Output { status: Some(0), stdout, stderr: Vec::new() }))
    }
}

impl slash_command::Host for State {}
impl lsp::Host for State {}
