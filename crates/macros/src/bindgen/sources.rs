//! Reading WIT: from files, from packages beside them, and from the macro itself.

use std::path::{Path, PathBuf};

use syn::{Error, LitStr, Result};
use wit_parser::{PackageId, Resolve, WorldId};

use super::error;
use super::options::Options;

/// A world, and all that it refers to.
pub(super) struct Source {
    pub(super) resolve: Resolve,
    pub(super) world: WorldId,
    /// The files that were read, for the compiler to watch.
    pub(super) files: Vec<PathBuf>,
}

pub(super) fn load(options: &Options) -> Result<Source> {
    let mut resolve = Resolve::default();
    resolve.features.extend(options.features.iter().map(LitStr::value));
    let mut files = Vec::new();
    let mut packages = Vec::new();
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    for path in &options.paths {
        packages.push(
            read(&mut resolve, &root.join(path.value()), &mut files).map_err(|text| Error::new(path.span(), text))?,
        );
    }
    let default = root.join("wit");
    if options.paths.is_empty() && default.exists() {
        packages.push(read(&mut resolve, &default, &mut files).map_err(error)?);
    }
    if let Some(inline) = &options.inline {
        let package = resolve.push_str("inline", &inline.value());
        // Only this package has worlds to choose from; the others are there for it to refer to.
        packages = vec![package.map_err(|report| Error::new(inline.span(), resolve.render_error(&report)))?];
    }
    if packages.is_empty() {
        return Err(error(
            "no WIT: use the option `path` or `inline`, or put the files into the folder `wit` of the package",
        ));
    }
    let name = options.world.as_ref().map(LitStr::value);
    let world = resolve.select_world(&packages, name.as_deref()).map_err(|report| match &options.world {
        Some(world) => Error::new(world.span(), resolve.render_error(&report)),
        None => error(resolve.render_error(&report)),
    })?;
    resolve.generate_nominal_type_ids(world);
    Ok(Source { resolve, world, files })
}

fn read(resolve: &mut Resolve, path: &Path, files: &mut Vec<PathBuf>) -> std::result::Result<PackageId, String> {
    // The whole path, for the compiler and for messages.
    let path = path.canonicalize().map_err(|report| format!("cannot read `{}`: {report}", path.display()))?;
    let (package, sources) = resolve.push_path(&path).map_err(|report| resolve.render_error(&report))?;
    files.extend(sources.paths().map(Path::to_path_buf));
    Ok(package)
}
