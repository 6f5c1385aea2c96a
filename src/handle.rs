//! Owns the functions and traits that all types around one object of a major have in common.

/// Implements the way to the major's own object and back, `Clone`, `Copy` where the object has it, and `Debug`.
///
/// * `handle! { [W: CoreWasmtime] Memory[W] is W::Memory, Copy }` for a type with the field `raw` only;
/// * `handle! { [W: CoreWasmtime] Component[W] wraps W::Component, { imports } }` for a type with more fields, which
///   writes its `from_raw` itself.
macro_rules! handle {
    ([$($bounds:tt)*] $name:ident[$($param:ident),*] is $raw:ty, Copy) => {
        $crate::handle::handle!(@from [$($bounds)*] $name[$($param),*] $raw);
        $crate::handle::handle!(@raw [$($bounds)*] $name[$($param),*] $raw);

        impl<$($bounds)*> Clone for $name<$($param),*> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($bounds)*> Copy for $name<$($param),*> {}
    };
    ([$($bounds:tt)*] $name:ident[$($param:ident),*] is $raw:ty, Clone) => {
        $crate::handle::handle!(@from [$($bounds)*] $name[$($param),*] $raw);
        $crate::handle::handle!([$($bounds)*] $name[$($param),*] wraps $raw, {});
    };
    ([$($bounds:tt)*] $name:ident[$($param:ident),*] wraps $raw:ty, { $($field:ident),* }) => {
        $crate::handle::handle!(@raw [$($bounds)*] $name[$($param),*] $raw);

        impl<$($bounds)*> Clone for $name<$($param),*> {
            fn clone(&self) -> Self {
                Self { raw: self.raw.clone(), $($field: self.$field.clone()),* }
            }
        }
    };
    (@from [$($bounds:tt)*] $name:ident[$($param:ident),*] $raw:ty) => {
        impl<$($bounds)*> $name<$($param),*> {
            /// Wraps the major's own object.
            pub fn from_raw(raw: $raw) -> Self {
                Self { raw }
            }
        }
    };
    (@raw [$($bounds:tt)*] $name:ident[$($param:ident),*] $raw:ty) => {
        impl<$($bounds)*> $name<$($param),*> {
            /// The major's own object.
            pub fn as_raw(&self) -> &$raw {
                &self.raw
            }

            /// The major's own object, and nothing else.
            pub fn into_raw(self) -> $raw {
                self.raw
            }
        }

        impl<$($bounds)*> std::fmt::Debug for $name<$($param),*> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("major", &W::NUMBER).finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use handle;
