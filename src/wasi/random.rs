//! Owns the guest's randomness: the sources of a configuration, and how the bytes of a source reach a guest.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Fills a buffer with bytes.
type Fill = dyn FnMut(&mut [u8]) + Send;

/// Makes a source of random bytes for each store.
#[derive(Clone)]
pub(crate) struct Random(Arc<dyn Fn() -> Box<Fill> + Send + Sync>);

impl Random {
    pub(super) fn new(make: impl Fn() -> Box<Fill> + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    /// One source for all stores.
    pub(super) fn shared(fill: impl FnMut(&mut [u8]) + Send + 'static) -> Self {
        let fill = Arc::new(Mutex::new(fill));
        Self::new(move || {
            let fill = fill.clone();
            Box::new(move |bytes: &mut [u8]| {
                let mut fill = fill.lock().unwrap_or_else(PoisonError::into_inner);
                fill(bytes);
            })
        })
    }

    /// The source of a new store.
    #[allow(dead_code, reason = "only majors make sources")]
    pub(crate) fn make(&self) -> RandomBytes {
        RandomBytes { fill: (self.0)(), block: [0; BLOCK], used: BLOCK }
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}

/// The size of every buffer that a source fills, in bytes.
const BLOCK: usize = 64;

/// The bytes of a source, in the order in which the source made them.
///
/// Wasmtime draws each byte for a guest on its own, as the lowest byte of a 32-bit number, and 64-bit numbers whole. A source
/// that was called for each draw could not give the guest the bytes it would give another host. It is therefore called for
/// blocks of one size, and each draw takes the next bytes of the block.
pub(crate) struct RandomBytes {
    fill: Box<Fill>,
    block: [u8; BLOCK],
    used: usize,
}

#[allow(dead_code, reason = "only majors draw")]
impl RandomBytes {
    #[inline]
    fn next(&mut self) -> u8 {
        if self.used >= BLOCK {
            (self.fill)(&mut self.block);
            self.used = 0;
        }
        let byte = self.block.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        byte
    }

    /// The next byte, as the number of which Wasmtime takes the lowest byte.
    #[inline]
    pub(crate) fn next_u32(&mut self) -> u32 {
        u32::from(self.next())
    }

    /// The next eight bytes, the first of which is the lowest.
    pub(crate) fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// The next bytes.
    pub(crate) fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.next());
    }
}

/// A fast generator that is not secure: xoshiro256++ of Blackman and Vigna (<https://prng.di.unimi.it>), whose state is made
/// from a seed with SplitMix64.
#[derive(Clone, Debug)]
pub(super) struct Generator {
    state: [u64; 4],
}

impl Generator {
    pub(super) fn new(seed: u64) -> Self {
        let mut last = seed;
        Self { state: [(); 4].map(|()| split_mix(&mut last)) }
    }

    pub(super) fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let number = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        number
    }

    /// Fills a buffer with numbers, the lowest byte of each first. A buffer that ends within a number discards the rest of
    /// the number.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next().to_le_bytes();
            chunk.iter_mut().zip(number).for_each(|(byte, random)| *byte = random);
        }
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    //! The generator makes the published numbers, and the way in which bytes are drawn does not change them.

    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut seed = 1_477_776_061_723_855_037;
        let seeds = [(); 3].map(|()| split_mix(&mut seed));
        assert_eq!(seeds, [1985237415132408290, 2979275885539914483, 13511426838097143398]);
        let mut generator = Generator { state: [1, 2, 3, 4] };
        let numbers = [(); 4].map(|()| generator.next());
        assert_eq!(numbers, [41943041, 58720359, 3588806011781223, 3591011842654386]);
    }

    #[test]
    fn draws_of_every_kind_continue_each_other() {
        let source = Random::new(|| {
            let mut generator = Generator::new(7);
            Box::new(move |bytes: &mut [u8]| generator.fill(bytes))
        });
        let mut whole = [0; 200];
        source.make().fill_bytes(&mut whole);
        let mut drawn = source.make();
        for bytes in whole.chunks_exact(20) {
            assert_eq!(drawn.next_u32(), u32::from(bytes[0]));
            assert_eq!(drawn.next_u64().to_le_bytes(), bytes[1..9]);
            let mut rest = [0; 11];
            drawn.fill_bytes(&mut rest);
            assert_eq!(rest, bytes[9..]);
        }
    }
}
