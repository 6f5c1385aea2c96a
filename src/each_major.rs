//! Owns the macros by which a user's own code is compiled once per major: `for_each_major!`, `if_major!` and `mount!`.

/// Compiles items once for each major that is compiled in as a whole, or calls a macro with the list of them.
///
/// With items, each copy is in a block of its own, in which `wasmtime` and `wasmtime_wasi` are the crates of the major, `V` is
/// its marker type, such as [`V48`](crate::V48), and `MAJOR` its number. So the items are implementations; for items with
/// a name, see [`mount!`](crate::mount).
///
/// With the name of a macro, that macro is called once, with `module marker number,` for each major, oldest first: for
/// example `v24 V24 24, v48 V48 48,`.
///
/// Which majors these are is decided by the features of `wasmtime-compat`, not by those of the crate that uses the macro.
///
/// ```
/// use wasmtime_compat::{Wasmtime, for_each_major};
///
/// /// What differs between majors beyond what `wasmtime-compat` covers.
/// trait Own: Wasmtime {
///     fn size_of_engine() -> usize;
/// }
///
/// for_each_major! {
///     impl Own for V {
///         fn size_of_engine() -> usize {
///             size_of::<wasmtime::Engine>()
///         }
///     }
/// }
///
/// macro_rules! numbers {
///     ($($module:ident $marker:ident $number:literal,)*) => {
///         [$($number,)*]
///     };
/// }
///
/// let numbers: Vec<u64> = for_each_major!(numbers).to_vec();
/// assert_eq!(numbers.len(), wasmtime_compat::enabled().len());
/// ```
#[macro_export]
macro_rules! for_each_major {
    ($($then:ident)::+) => { $crate::__list_majors! { [$($then)::+] } };
    ($($items:tt)*) => { $crate::__list_majors! { [$crate::__items_of_majors] { $($items)* } } };
}

/// Chooses between two pieces of code by whether a major is compiled in as a whole.
///
/// The code in braces is put in the place of the macro: items, statements, or one expression. `else` can be left out.
/// The features of `wasmtime-compat` decide, not those of the crate that uses the macro.
///
/// ```
/// use wasmtime_compat::if_major;
///
/// if_major!(48 => {
///     type Engine = wasmtime_compat::v48::wasmtime::Engine;
/// });
///
/// let is_there = if_major!(48 => { true } else { false });
/// assert_eq!(is_there, wasmtime_compat::by_major(48).is_some());
/// ```
#[macro_export]
macro_rules! if_major {
    ($number:tt => { $($on:tt)* } else { $($off:tt)* }) => { $crate::__if_major! { $number { $($on)* } else { $($off)* } } };
    ($number:tt => { $($on:tt)* }) => { $crate::__if_major! { $number { $($on)* } else {} } };
}

/// Mounts a file or items of your own once for each major that is compiled in as a whole, as this crate does with its own
/// code.
///
/// The module that the macro declares has a module for each major, `v24`, `v48` and so on, with what is in the file or
/// between the braces, and with `wasmtime` and `wasmtime_wasi`, the crates of the major, `V`, its marker type, and `MAJOR`,
/// its number. Items between braces use these names as they are. A file begins with
/// `use super::wasmtime;`, and its path starts in the folder of the file with the macro, as that of `#[path]` does.
///
/// ```text
/// // The items in src/tuning.rs once per major: `tuning::v48::tune(…)`.
/// wasmtime_compat::mount! { mod tuning = "tuning.rs"; }
/// ```
///
/// Generic code reaches what was mounted by a trait of yours that the mounted code implements for `V`:
///
/// ```
/// use wasmtime_compat::{Wasmtime, mount};
///
/// trait Own: Wasmtime {
///     fn checked() -> (u64, bool);
/// }
///
/// mount! {
///     mod own {
///         use super::super::Own;
///         use wasmtime::Config;
///
///         pub fn config() -> Config {
///             Config::new()
///         }
///
///         impl Own for V {
///             fn checked() -> (u64, bool) {
///                 (MAJOR, wasmtime::Engine::new(&config()).is_ok())
///             }
///         }
///     }
/// }
///
/// fn is_usable<W: Own>() -> bool {
///     W::checked() == (W::MAJOR, true)
/// }
/// # fn main() {
/// wasmtime_compat::if_major!(48 => { assert!(is_usable::<wasmtime_compat::V48>()); });
/// # }
/// ```
#[macro_export]
macro_rules! mount {
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident = $path:tt;) => {
        $(#[$attribute])*
        #[allow(clippy::duplicate_mod, reason = "one source is mounted once per major")]
        #[path = "."]
        $visibility mod $name {
            $crate::__list_majors! { [$crate::__mount_majors] { #[path = $path] mod body; #[allow(unused_imports)] pub use body::*; } }
        }
    };
    ($(#[$attribute:meta])* $visibility:vis mod $name:ident { $($items:tt)* }) => {
        $(#[$attribute])*
        #[path = "."]
        $visibility mod $name {
            $crate::__list_majors! { [$crate::__mount_majors] { $($items)* } }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __items_of_majors {
    ($items:tt $($module:ident $marker:ident $number:literal,)*) => {
        $($crate::__items_of_major! { $module $marker $number $items })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __items_of_major {
    ($module:ident $marker:ident $number:literal { $($items:tt)* }) => {
        #[allow(dead_code, non_local_definitions, unused_imports)]
        const _: () = {
            use $crate::$module::{wasmtime, wasmtime_wasi};
            type V = $crate::$marker;
            const MAJOR: u64 = $number;
            $($items)*
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __flags_of_majors {
    ($flags:tt $($module:ident $marker:ident $number:literal,)*) => {
        $($crate::__flags_of_major! { $module $flags })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __flags_of_major {
    ($module:ident { $name:ident [$($field:ident)*] { $($flags:tt)* } }) => {
        #[allow(dead_code, non_local_definitions)]
        const _: () = {
            use $crate::$module::wasmtime;
            wasmtime::component::flags! { FlagsOfMajor { $($flags)* } }
            $crate::$module::forward_value!(type [] $name as FlagsOfMajor);
            $crate::$module::forward_value!(lower [] $name |this, ty| {
                wasmtime::Result::<FlagsOfMajor>::Ok(FlagsOfMajor { $($field: this.$field),* })
            });
            $crate::$module::forward_value!(lift [] $name as FlagsOfMajor |value| Ok($name { $($field: value.$field),* }));
        };
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __mount_majors {
    ($items:tt $($module:ident $marker:ident $number:literal,)*) => {
        $($crate::__mount_major! { $module $marker $number $items })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __mount_major {
    ($module:ident $marker:ident $number:literal { $($items:tt)* }) => {
        #[path = "."]
        pub mod $module {
            #[allow(unused_imports)]
            pub use $crate::$module::{wasmtime, wasmtime_wasi};

            #[allow(dead_code)]
            pub type V = $crate::$marker;

            #[allow(dead_code)]
            pub const MAJOR: u64 = $number;

            $($items)*
        }
    };
}
