//! What the store of an extension holds: its name, what it may run, and the editor's worktrees and projects while it uses them.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use wasmtime_compat::component::{HasData, ResourceTable};

/// The data of a store.
pub struct State {
    pub name: String,
    pub table: ResourceTable,
    /// The programs that the extension may run.
    pub programs: Vec<String>,
    /// What the editor shows about language servers.
    pub statuses: Vec<String>,
}

/// The host functions work on all of the store's data.
impl HasData for State {
    type Data<'a> = &'a mut Self;
}

/// A worktree, as the editor hands it to extensions.
pub type Worktree = Arc<dyn WorktreeDelegate>;

/// A project, as the editor hands it to extensions.
pub type Project = Arc<ProjectDelegate>;

/// What the editor does for a worktree.
pub trait WorktreeDelegate: Send + Sync {
    fn id(&self) -> u64;
    fn root_path(&self) -> String;
    fn read_text_file(&self, path: String) -> BoxFuture<'_, Result<String, String>>;
    fn which(&self, program: String) -> BoxFuture<'_, Option<String>>;
}

pub struct ProjectDelegate {
    pub worktree_ids: Vec<u64>,
}

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A worktree whose files are in memory.
pub struct MemoryWorktree {
    pub id: u64,
    pub root: &'static str,
    pub files: BTreeMap<&'static str, &'static str>,
    pub programs: Vec<&'static str>,
}

impl WorktreeDelegate for MemoryWorktree {
    fn id(&self) -> u64 {
        self.id
    }

    fn root_path(&self) -> String {
        self.root.to_owned()
    }

    fn read_text_file(&self, path: String) -> BoxFuture<'_, Result<String, String>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let text = self.files.get(path.as_str()).map(|text| (*text).to_owned());
            text.ok_or_else(|| format!("there is no file {path}"))
        })
    }

    fn which(&self, program: String) -> BoxFuture<'_, Option<String>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.programs.contains(&program.as_str()).then(|| format!("/usr/bin/{program}"))
        })
    }
}
