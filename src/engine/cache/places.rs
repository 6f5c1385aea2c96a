//! Owns the places of the user's files: the default directory of a cache, and Wasmtime's configuration file.

use std::env;
use std::path::PathBuf;

/// The default directory of a cache. It is not the one of Wasmtime's own cache, which removes files that it does not know.
pub(super) fn cache() -> Option<PathBuf> {
    let caches = if cfg!(windows) {
        absolute("LOCALAPPDATA")?
    } else if cfg!(target_vendor = "apple") {
        env::home_dir()?.join("Library/Caches")
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| Some(env::home_dir()?.join(".cache")))?
    };
    Some(caches.join(if cfg!(windows) { "wasmtime-compat/cache" } else { "wasmtime-compat" }))
}

/// Wasmtime's configuration file of the user: Wasmtime finds it with the crate `directories`.
#[cfg(feature = "cache-config")]
pub(super) fn config_file() -> Option<PathBuf> {
    Some(if cfg!(windows) {
        absolute("APPDATA")?.join("BytecodeAlliance/wasmtime/config/config.toml")
    } else if cfg!(target_vendor = "apple") {
        env::home_dir()?.join("Library/Application Support/BytecodeAlliance.wasmtime/config.toml")
    } else {
        let configs = absolute("XDG_CONFIG_HOME").or_else(|| Some(env::home_dir()?.join(".config")))?;
        configs.join("wasmtime/config.toml")
    })
}

/// A directory that the environment names. One that is not absolute does not count.
fn absolute(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    //! The places are absolute, and apart from those of Wasmtime's own cache.

    use super::*;

    #[test]
    fn places_of_this_user() {
        // Where the environment names no home, there is none.
        if let Some(cache) = cache() {
            assert!(cache.is_absolute() && cache.iter().any(|part| part == "wasmtime-compat"), "{cache:?}");
        }
        #[cfg(feature = "cache-config")]
        if let Some(file) = config_file() {
            assert!(file.is_absolute() && file.ends_with("config.toml"), "{file:?}");
        }
    }
}
