//! Owns reading Wasmtime's configuration file of a cache.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::{Table, Value};

use super::{Cache, CacheConfig, places};
use crate::error::{Error, ErrorKind, Result, quoted};

impl CacheConfig {
    /// The configuration in a file in the format of Wasmtime's own cache; `None` is the configuration file of the user, which for
    /// Wasmtime on Linux is `$XDG_CONFIG_HOME/wasmtime/config.toml` or `~/.config/wasmtime/config.toml`. If that file does not
    /// exist, the configuration is that of [`CacheConfig::new`].
    ///
    /// The file has one table, `[cache]`. Keys that are not there have the default.
    ///
    /// | key | example | effect |
    /// |---|---|---|
    /// | `directory` | `"/var/cache/guests"` | [`CacheConfig::with_directory`]; it must be absolute |
    /// | `file-count-soft-limit` | `"65536"`, `"64K"` | [`CacheConfig::with_file_count_soft_limit`] |
    /// | `files-total-size-soft-limit` | `"512Mi"`, `"1G"` | [`CacheConfig::with_files_total_size_soft_limit`] |
    /// | `file-count-limit-percent-if-deleting` | `"70%"` | [`CacheConfig::with_file_count_limit_percent_if_deleting`] |
    /// | `files-total-size-limit-percent-if-deleting` | `"70%"` | [`CacheConfig::with_files_total_size_limit_percent_if_deleting`] |
    /// | `cleanup-interval` | `"1h"`, `"30m"`, `"10s"`, `"1d"` | [`CacheConfig::with_cleanup_interval`] |
    /// | `enabled` | `true` | none: Wasmtime up to 32 requires it; `false` is an error |
    /// | `worker-event-queue-size`, `optimized-compression-usage-counter-threshold` | `"16"`, `"256"` | none: there is no worker |
    /// | `baseline-compression-level`, `optimized-compression-level` | `3`, `20` | none: files are not compressed |
    /// | `optimizing-compression-task-timeout`, `allowed-clock-drift-for-files-from-future` | `"30m"`, `"1d"` | none |
    ///
    /// Wasmtime's own cache removes files that it does not know: a directory that it uses too loses the entries of this cache
    /// whenever Wasmtime cleans the directory up.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if the file cannot be read; [`ErrorKind::Config`] for an unknown key, a value that cannot be read, a
    /// directory that is not absolute, and `enabled = false`.
    pub fn from_file(config_file: Option<&Path>) -> Result<Self> {
        let path = match config_file {
            Some(path) => path.to_owned(),
            None => places::config_file()
                .ok_or_else(|| Error::new(ErrorKind::Config, "this user has no directory for configuration files"))?,
        };
        match fs::read_to_string(&path) {
            Ok(text) => parse(&text).map_err(|why| {
                Error::new(
                    ErrorKind::Config,
                    format!("the configuration file {} of the cache is wrong: {why}", quoted(&path)),
                )
            }),
            Err(error) if config_file.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(Self::new()),
            Err(error) => {
                let message = format!("cannot read the configuration file {} of the cache", quoted(&path));
                Err(Error::new(ErrorKind::Io, message).with_source(error))
            }
        }
    }
}

impl Cache {
    /// A cache as a configuration file says; see [`CacheConfig::from_file`].
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use wasmtime_compat::Cache;
    ///
    /// # let folder = std::env::temp_dir().join(format!("cache-config-of-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// let file = folder.join("config.toml");
    /// std::fs::write(&file, format!("[cache]\ndirectory = {:?}\ncleanup-interval = \"1d\"\n", folder.join("cache")))?;
    /// let cache = Cache::from_file(Some(&file))?;
    /// assert!(cache.directory().ends_with("cache"));
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`CacheConfig::from_file`] and [`Cache::new`].
    pub fn from_file(config_file: Option<&Path>) -> Result<Self> {
        Self::new(CacheConfig::from_file(config_file)?)
    }
}

/// The configuration in the text of a file, or what is wrong with the text.
fn parse(text: &str) -> Result<CacheConfig, String> {
    let mut file: Table = text.parse().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let cache = file.remove("cache").ok_or("it has no table `[cache]`")?;
    if let Some((key, _)) = file.iter().next() {
        return Err(format!("unknown key `{key}`"));
    }
    let Value::Table(cache) = cache else { return Err("`cache` is not a table".to_owned()) };
    let mut config = CacheConfig::new();
    for (key, value) in &cache {
        set(&mut config, key, value)?;
    }
    Ok(config)
}

fn set(config: &mut CacheConfig, key: &str, value: &Value) -> Result<(), String> {
    let wrong =
        || format!("the value of `{key}` is wrong: {value}", value = value.as_str().unwrap_or(value.type_str()));
    match key {
        "directory" => {
            let directory = PathBuf::from(value.as_str().ok_or_else(wrong)?);
            if !directory.is_absolute() {
                return Err(format!("`directory` must be absolute: {}", quoted(directory)));
            }
            config.with_directory(directory);
        }
        "file-count-soft-limit" => {
            config.with_file_count_soft_limit(number(value).ok_or_else(wrong)?);
        }
        "files-total-size-soft-limit" => {
            config.with_files_total_size_soft_limit(size(value).ok_or_else(wrong)?);
        }
        "file-count-limit-percent-if-deleting" => {
            config.with_file_count_limit_percent_if_deleting(percent(value).ok_or_else(wrong)?);
        }
        "files-total-size-limit-percent-if-deleting" => {
            config.with_files_total_size_limit_percent_if_deleting(percent(value).ok_or_else(wrong)?);
        }
        "cleanup-interval" => {
            config.with_cleanup_interval(duration(value).ok_or_else(wrong)?);
        }
        "enabled" => {
            if !value.as_bool().ok_or_else(wrong)? {
                return Err("`enabled` is false, so there is no cache".to_owned());
            }
        }
        "worker-event-queue-size" | "optimized-compression-usage-counter-threshold" => {
            number(value).ok_or_else(wrong)?;
        }
        "baseline-compression-level" | "optimized-compression-level" => {
            value.as_integer().ok_or_else(wrong)?;
        }
        "optimizing-compression-task-timeout" | "allowed-clock-drift-for-files-from-future" => {
            duration(value).ok_or_else(wrong)?;
        }
        _ => return Err(format!("unknown key `{key}`")),
    }
    Ok(())
}

/// A number and its unit.
fn measure(value: &Value) -> Option<(u64, &str)> {
    let text = value.as_str()?.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    Some((number.parse().ok()?, unit.trim()))
}

fn number(value: &Value) -> Option<u64> {
    let (number, unit) = measure(value)?;
    number.checked_mul(1000_u64.pow(["", "K", "M", "G", "T", "P"].iter().position(|name| *name == unit)? as u32))
}

fn size(value: &Value) -> Option<u64> {
    let (count, unit) = measure(value)?;
    match unit.strip_suffix('i') {
        Some(unit) => {
            count.checked_mul(1024_u64.pow(["K", "M", "G", "T", "P"].iter().position(|name| *name == unit)? as u32 + 1))
        }
        None => number(value),
    }
}

fn percent(value: &Value) -> Option<u8> {
    let (number, unit) = measure(value)?;
    u8::try_from(number).ok().filter(|number| unit == "%" && *number <= 100)
}

fn duration(value: &Value) -> Option<Duration> {
    let (number, unit) = measure(value)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    //! Files are read as Wasmtime reads them.

    use super::*;

    #[test]
    fn every_key() {
        let config = parse(
            r#"
            [cache]
            enabled = true
            directory = "/there"
            worker-event-queue-size = "16"
            baseline-compression-level = 3
            optimized-compression-level = 20
            optimized-compression-usage-counter-threshold = "256"
            cleanup-interval = "2h"
            optimizing-compression-task-timeout = "30m"
            allowed-clock-drift-for-files-from-future = "1d"
            file-count-soft-limit = "3K"
            files-total-size-soft-limit = "4Mi"
            file-count-limit-percent-if-deleting = "60%"
            files-total-size-limit-percent-if-deleting = "50 %"
            "#,
        );
        let config = config.unwrap();
        assert_eq!(config.directory.as_deref(), Some(Path::new("/there")));
        let limits = config.limits;
        assert_eq!((limits.files, limits.bytes), (3000, 4 << 20));
        assert_eq!((limits.files_percent, limits.bytes_percent), (60, 50));
        assert_eq!(limits.cleanup_interval, Duration::from_secs(7200));
        assert!(parse("[cache]").unwrap().directory.is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("", "it has no table `[cache]`"),
            ("cache = 1", "`cache` is not a table"),
            ("[cache]\n[other]", "unknown key `other`"),
            ("[cache]\nsize = 1", "unknown key `size`"),
            ("[cache]\ndirectory = \"here\"", "`directory` must be absolute: \"here\""),
            ("[cache]\nenabled = false", "`enabled` is false, so there is no cache"),
            ("[cache]\ncleanup-interval = \"1\"", "the value of `cleanup-interval` is wrong: 1"),
            ("[cache]\nfile-count-soft-limit = 5", "the value of `file-count-soft-limit` is wrong: integer"),
            ("[cache]\nfile-count-soft-limit = \"5Ki\"", "the value of `file-count-soft-limit` is wrong: 5Ki"),
            (
                "[cache]\nfiles-total-size-soft-limit = \"999999P\"",
                "the value of `files-total-size-soft-limit` is wrong: 999999P",
            ),
            (
                "[cache]\nfile-count-limit-percent-if-deleting = \"101%\"",
                "the value of `file-count-limit-percent-if-deleting` is wrong: 101%",
            ),
        ] {
            assert_eq!(parse(text).err().as_deref(), Some(expected), "{text}");
        }
        assert!(parse("[cache").is_err());
    }
}
