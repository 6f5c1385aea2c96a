//! Owns `V128`: vectors, as every major takes them.

use std::fmt;

/// A 128-bit vector, the value of WebAssembly's `v128`: the same type on every major.
///
/// Lane 0 is in the least significant bits. Wasmtime 18 to 34 pass vectors in typed calls on x86_64 and AArch64 only,
/// so [`WasmTy`](crate::WasmTy) holds for this type on these two only, on every major.
///
/// ```
/// use wasmtime_compat::V128;
///
/// // Four lanes of 32 bits.
/// let lanes = [1_u32, 2, 3, 4];
/// let vector = V128::from(lanes.iter().rev().fold(0_u128, |bits, lane| (bits << 32) | u128::from(*lane)));
/// assert_eq!(vector.as_u128() as u32, 1);
/// assert_eq!(u128::from(vector) >> 96, 4);
/// ```
#[derive(Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct V128(u128);

impl V128 {
    /// The vector as an integer.
    pub const fn as_u128(&self) -> u128 {
        self.0
    }
}

impl From<u128> for V128 {
    fn from(bits: u128) -> Self {
        Self(bits)
    }
}

impl From<V128> for u128 {
    fn from(vector: V128) -> Self {
        vector.0
    }
}

impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
