//! Owns the functions and traits that all types around one object of a major have in common.

/// Implements the way to the major's own object and back, `Clone`, `Copy` where the object has it, and `Debug`.
///
/// * `handle! { [W: CoreWasmtime] Memory[W] is W::Memory, Copy }` for a type with the field `raw` only;
/// * `handle! { [W: CoreWasmtime] Func[W] of a store is W::Func }` for a type with the fields `raw` and `store`, which
///   remembers the store that it belongs to;
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
    ([$($bounds:tt)*] $name:ident[$($param:ident),*] of a store is $raw:ty) => {
        $crate::handle::handle!(@raw [$($bounds)*] $name[$($param),*] $raw);

        impl<$($bounds)*> $name<$($param),*> {
            /// Wraps the major's own object. With a store that the object does not belong to, it panics as the major's does.
            pub fn from_raw(raw: $raw) -> Self {
                Self { raw, store: $crate::store::StoreId::UNKNOWN }
            }

            #[allow(dead_code, reason = "only majors call it, and tags are new on some")]
            #[inline]
            pub(crate) fn in_store(raw: $raw, store: $crate::store::StoreId) -> Self {
                Self { raw, store }
            }
        }

        impl<$($bounds)*> Clone for $name<$($param),*> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($bounds)*> Copy for $name<$($param),*> {}
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
