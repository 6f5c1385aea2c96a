//! The versions of the world, and the one interface of them that the editor uses.

pub mod since_v0_1_0;
pub mod since_v0_2_0;
pub mod since_v0_3_0;

use std::fmt;

use anyhow::{Result, bail};
use wasmtime_compat::component::{Component, Linker, Resource};
use wasmtime_compat::{Engine, Store, Wasmtime};

use self::since_v0_3_0::SlashCommandOutput;
use self::since_v0_3_0::editor::extension::lsp::{Completion, Label};
use self::since_v0_3_0::editor::extension::process::Command;
use crate::state::{Project, State, Worktree};

/// The version of the API that an extension was built for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Version(pub u16, pub u16, pub u16);

/// The linkers, one for each version.
pub struct Linkers<W: Wasmtime> {
    v0_1_0: Linker<W, State>,
    v0_2_0: Linker<W, State>,
    v0_3_0: Linker<W, State>,
}

/// The exports of an extension, by the version that it was built for.
pub enum Extension<W: Wasmtime> {
    V0_1_0(since_v0_1_0::Extension<W>),
    V0_2_0(since_v0_2_0::Extension<W>),
    V0_3_0(since_v0_3_0::Extension<W>),
}

/// What an extension returns: a value, or its own error.
type Returned<T> = Result<Result<T, String>>;

impl<W: Wasmtime> Linkers<W> {
    pub fn new(engine: &Engine<W>) -> Result<Self> {
        Ok(Self {
            v0_1_0: since_v0_1_0::linker(engine)?,
            v0_2_0: since_v0_2_0::linker(engine)?,
            v0_3_0: since_v0_3_0::linker(engine)?,
        })
    }
}

impl<W: Wasmtime> Extension<W> {
    /// Instantiates a component as an extension of this version.
    pub async fn instantiate(
        store: &mut Store<W, State>,
        linkers: &Linkers<W>,
        version: Version,
        component: &Component<W>,
    ) -> Result<Self> {
        Ok(match version {
            Version(0, 3, 0) => {
                Self::V0_3_0(since_v0_3_0::Extension::instantiate_async(store, component, &linkers.v0_3_0).await?)
            }
            Version(0, 2, _) => {
                Self::V0_2_0(since_v0_2_0::Extension::instantiate_async(store, component, &linkers.v0_2_0).await?)
            }
            Version(0, 1, _) => {
                Self::V0_1_0(since_v0_1_0::Extension::instantiate_async(store, component, &linkers.v0_1_0).await?)
            }
            _ => bail!("the editor has no API {version}"),
        })
    }

    pub async fn call_init(&self, store: &mut Store<W, State>) -> Result<()> {
        Ok(match self {
            Self::V0_1_0(extension) => extension.call_init(store).await?,
            Self::V0_2_0(extension) => extension.call_init(store).await?,
            Self::V0_3_0(extension) => extension.call_init(store).await?,
        })
    }

    pub async fn call_language_server_command(
        &self,
        store: &mut Store<W, State>,
        server: &str,
        worktree: Resource<Worktree>,
    ) -> Returned<Command> {
        Ok(match self {
            Self::V0_1_0(extension) => extension.call_language_server_command(store, server, worktree).await?,
            Self::V0_2_0(extension) => extension.call_language_server_command(store, server, worktree).await?,
            Self::V0_3_0(extension) => extension.call_language_server_command(store, server, worktree).await?,
        })
    }

    pub async fn call_labels_for_completions(
        &self,
        store: &mut Store<W, State>,
        server: &str,
        completions: &[Completion],
    ) -> Returned<Vec<Option<Label>>> {
        Ok(match self {
            Self::V0_1_0(_) | Self::V0_2_0(_) => Ok(Vec::new()),
            Self::V0_3_0(extension) => extension.call_labels_for_completions(store, server, completions).await?,
        })
    }

    pub async fn call_run_slash_command(
        &self,
        store: &mut Store<W, State>,
        command: &str,
        arguments: &[String],
        worktree: Option<Resource<Worktree>>,
    ) -> Returned<SlashCommandOutput> {
        Ok(match self {
            Self::V0_1_0(_) => bail!("the API 0.1.0 has no slash commands"),
            Self::V0_2_0(extension) => extension
                .call_run_slash_command(store, command, arguments, worktree)
                .await?
                .map(SlashCommandOutput::from),
            Self::V0_3_0(extension) => extension.call_run_slash_command(store, command, arguments, worktree).await?,
        })
    }

    pub async fn call_context_server_command(
        &self,
        store: &mut Store<W, State>,
        server: &str,
        project: Resource<Project>,
    ) -> Returned<Command> {
        Ok(match self {
            Self::V0_1_0(_) | Self::V0_2_0(_) => bail!("only the API 0.3.0 has context servers"),
            Self::V0_3_0(extension) => extension.call_context_server_command(store, server, project).await?,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}
