//! Owns taking compiled guests from the cache of an engine, and putting them there.

use super::cache::name;
use super::{Engine, Engines, Precompiled, Trusted};
use crate::error::Result;

impl<W: Engines> Engine<W> {
    /// The guest from the cache of this engine, or compiled and put there. `None` if there is no cache, or if what was compiled
    /// cannot be loaded by this engine: compiling it directly then returns the reason.
    pub(crate) fn cached<T>(
        &self,
        wasm: &[u8],
        precompile: impl FnOnce() -> Result<Vec<u8>>,
        load: impl Fn(&Trusted<'_>) -> Result<T>,
    ) -> Option<Result<T>> {
        let cache = self.shared.cache.as_ref()?;
        let checks = (self.shared.allow_complex_guests, self.shared.shared_memory);
        let name = name(self.fingerprint()?, checks, wasm);
        if let Some(entry) = cache.count(cache.files().read(&name, wasm)).flatten()
            && let Some(loaded) = trusted(entry.code()).and_then(|trusted| load(&trusted)).ok()
        {
            cache.count_use(true);
            return Some(Ok(loaded));
        }
        cache.count_use(false);
        let code = match precompile() {
            Ok(code) => code,
            Err(error) => return Some(Err(error)),
        };
        cache.count(cache.files().write(&name, wasm, &code));
        trusted(&code).and_then(|trusted| load(&trusted)).ok().map(Ok)
    }
}

#[expect(unsafe_code, reason = "the directory can be written by the user of this process only")]
fn trusted(code: &[u8]) -> Result<Trusted<'_>> {
    // SAFETY: the bytes were compiled just now, or are from a file that only the user of this process can have written.
    Ok(unsafe { Precompiled::parse(code)?.trust() })
}
