//! Owns `PerMajor` and `per_major!`: statics with a value for each major, because Rust has no generic statics.

use std::any::Any;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::engine::Engines;

/// As many slots as majors that are reached without a lock; a slot has the number of its major.
const SLOTS: usize = 64;

/// A value for each major, made when it is first used: what a static of a generic type would be.
///
/// [`per_major!`](crate::per_major) declares one with a type.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use wasmtime_compat::{Config, Engine, Newest, PerMajor, Wasmtime};
///
/// static ENGINES: PerMajor = PerMajor::new();
///
/// fn engine<W: Wasmtime>() -> Option<&'static Engine<W>> {
///     ENGINES.get_or_init::<W, _>(|| Engine::new(&Config::new()).ok()).as_ref()
/// }
///
/// let (first, second) = (engine::<Newest>().unwrap(), engine::<Newest>().unwrap());
/// assert!(std::ptr::eq(first, second));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
pub struct PerMajor {
    slots: [OnceLock<Box<dyn Any + Send + Sync>>; SLOTS],
    /// Values of a second type of a major, and of majors without a slot.
    others: Mutex<Vec<(u64, &'static (dyn Any + Send + Sync))>>,
}

impl PerMajor {
    /// No values.
    pub const fn new() -> Self {
        Self { slots: [const { OnceLock::new() }; SLOTS], others: Mutex::new(Vec::new()) }
    }

    /// The value of the type `T` for the major `W`, made with `init` if there is none. Only one value is kept; where two
    /// threads come first at once, one waits for the other. `init` must not ask for the same value.
    #[inline]
    pub fn get_or_init<W: Engines, T: Any + Send + Sync>(&'static self, init: impl Fn() -> T) -> &'static T {
        let slot = usize::try_from(W::NUMBER).ok().and_then(|number| self.slots.get(number));
        let value = slot.map(|slot| slot.get_or_init(|| Box::new(init())));
        match value.and_then(|value| value.downcast_ref()) {
            Some(value) => value,
            None => self.other(W::NUMBER, &init),
        }
    }

    /// As [`PerMajor::get_or_init`], with an `init` that may fail: then nothing is kept, and the next call tries again. Where two
    /// threads come first at once, both run `init`, and one value is dropped.
    ///
    /// ```
    /// # #[cfg(feature = "_runtime")]
    /// # fn main() -> wasmtime_compat::Result<()> {
    /// use wasmtime_compat::{Config, Engine, Newest, PerMajor, Result, Wasmtime};
    ///
    /// fn engine<W: Wasmtime>() -> Result<&'static Engine<W>> {
    ///     static ENGINES: PerMajor = PerMajor::new();
    ///     ENGINES.get_or_try_init::<W, _, _>(|| Engine::new(&Config::new()))
    /// }
    ///
    /// assert!(std::ptr::eq(engine::<Newest>()?, engine::<Newest>()?));
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "_runtime"))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// That of `init`.
    pub fn get_or_try_init<W: Engines, T: Any + Send + Sync, E>(
        &'static self,
        init: impl Fn() -> Result<T, E>,
    ) -> Result<&'static T, E> {
        let slot = usize::try_from(W::NUMBER).ok().and_then(|number| self.slots.get(number));
        if let Some(value) = slot.and_then(OnceLock::get).and_then(|value| value.downcast_ref()) {
            return Ok(value);
        }
        if let Some(value) = find(&self.others.lock().unwrap_or_else(PoisonError::into_inner), W::NUMBER) {
            return Ok(value);
        }
        if let Some(slot) = slot.filter(|slot| slot.get().is_none()) {
            let new = init()?;
            if let Some(value) = slot.get_or_init(|| Box::new(new)).downcast_ref() {
                return Ok(value);
            }
        }
        Ok(self.keep_other(W::NUMBER, init()?))
    }

    #[cold]
    fn other<T: Any + Send + Sync>(&'static self, major: u64, init: &dyn Fn() -> T) -> &'static T {
        if let Some(value) = find(&self.others.lock().unwrap_or_else(PoisonError::into_inner), major) {
            return value;
        }
        self.keep_other(major, init())
    }

    /// Keeps a value, unless there is one by now.
    fn keep_other<T: Any + Send + Sync>(&'static self, major: u64, new: T) -> &'static T {
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = find(&others, major) {
            return value;
        }
        let new: &'static T = Box::leak(Box::new(new));
        others.push((major, new));
        new
    }
}

/// The value of this type and major among those without a slot.
fn find<T: Any>(others: &[(u64, &'static (dyn Any + Send + Sync))], major: u64) -> Option<&'static T> {
    let mut values = others.iter().filter(|(number, _)| *number == major);
    values.find_map(|(_, value)| value.downcast_ref())
}

impl Default for PerMajor {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for PerMajor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let majors = self.slots.iter().enumerate().filter(|(_, slot)| slot.get().is_some()).map(|(number, _)| number);
        f.debug_set().entries(majors).finish()
    }
}

/// Declares statics that have a value for each major.
///
/// `NAME.of::<W>()` is the value of the major `W`. The type and the initial value can name the major, if the
/// declaration has it as a parameter; the initial value is computed when the static is first used on the major.
///
/// ```
/// # #[cfg(feature = "_runtime")]
/// # fn main() -> wasmtime_compat::Result<()> {
/// use std::sync::OnceLock;
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use wasmtime_compat::{Config, CoreWasmtime, Engine, Newest, Wasmtime, per_major};
///
/// per_major! {
///     /// How many guests were started on a major.
///     static STARTED: AtomicU64 = AtomicU64::new(0);
///     static ENGINE<W: Wasmtime>: OnceLock<Engine<W>> = OnceLock::new();
/// }
///
/// fn start<W: Wasmtime>() -> wasmtime_compat::Result<u64> {
///     let engine = match ENGINE.of::<W>().get() {
///         Some(engine) => engine,
///         None => {
///             let new = Engine::new(&Config::new())?;
///             ENGINE.of::<W>().get_or_init(|| new)
///         }
///     };
///     assert!(!engine.is_async());
///     Ok(STARTED.of::<W>().fetch_add(1, Ordering::Relaxed) + 1)
/// }
///
/// assert_eq!((start::<Newest>()?, start::<Newest>()?), (1, 2));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "_runtime"))]
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! per_major {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $ty:ty = $init:expr; $($rest:tt)*) => {
        $crate::per_major! { @one [$(#[$attribute])*] [$visibility] $name __W [$crate::CoreWasmtime] [$ty] [$init] }
        $crate::per_major! { $($rest)* }
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident<$major:ident: $bound:path>: $ty:ty = $init:expr; $($rest:tt)*) => {
        $crate::per_major! { @one [$(#[$attribute])*] [$visibility] $name $major [$bound] [$ty] [$init] }
        $crate::per_major! { $($rest)* }
    };
    (@one [$($attribute:tt)*] [$visibility:vis] $name:ident $major:ident [$bound:path] [$ty:ty] [$init:expr]) => {
        $($attribute)*
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy, Debug)]
        $visibility struct $name;

        impl $name {
            /// The value of a major.
            #[allow(dead_code)]
            $visibility fn of<$major: $bound>(self) -> &'static $ty {
                static VALUES: $crate::PerMajor = $crate::PerMajor::new();
                VALUES.get_or_init::<$major, $ty>(|| $init)
            }
        }
    };
}
