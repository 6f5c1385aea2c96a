//! Owns what must hold of the guest report on any bytes: no panic, little memory, the same answer twice.
//!
//! The fuzz target and the test that replays its corpus both use it.
#![expect(unsafe_code, reason = "an allocator that counts cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use wasmtime_compat_guest::report::{GuestReport, Verdict};

/// The most memory that a report may take while it is made, for each byte of the guest.
const PER_BYTE: usize = 10;

/// And for no byte at all. What is declared in a small guest may take that much while it is validated, in the maps of
/// wasmparser, and no more: the report weighs it before.
const BASE: usize = 16 << 20;

/// Makes the report, twice; panics if something is wrong with it.
pub(crate) fn check(wasm: &[u8]) {
    let (first, peak) = measured(|| {
        let report = GuestReport::parse(wasm)?;
        let hosts = report.hosts();
        Ok::<_, wasmtime_compat_guest::Error>((report, hosts))
    });
    let most = PER_BYTE * wasm.len() + BASE;
    assert!(peak <= most, "{} bytes of guest took {peak} bytes of memory, more than {most}", wasm.len());
    match (first, GuestReport::parse(wasm)) {
        (Ok((first, hosts)), Ok(second)) => {
            assert_eq!(first, second);
            // A guest runs or there is a reason.
            assert!(hosts.iter().all(|host| (host.verdict == Verdict::Runs) == host.explanation().is_none()));
        }
        (Err(first), Err(second)) => {
            assert_eq!((first.kind(), first.to_string()), (second.kind(), second.to_string()));
        }
        (first, second) => panic!("first {first:?}, then {second:?}"),
    }
}

/// Runs `work`; returns how much memory was in use at most, over what was in use before.
pub(crate) fn measured<R>(work: impl FnOnce() -> R) -> (R, usize) {
    let before = NOW.get();
    PEAK.set(before);
    let result = work();
    (result, PEAK.get().saturating_sub(before))
}

thread_local! {
    // Without a destructor and with a constant first value: an allocator may ask for nothing itself.
    static NOW: Cell<usize> = const { Cell::new(0) };
    static PEAK: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counting what this thread has asked for.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn taken(size: usize) {
    let now = NOW.get().wrapping_add(size);
    NOW.set(now);
    PEAK.set(PEAK.get().max(now));
}

fn given_back(size: usize) {
    // What another thread asked for may be given back here.
    NOW.set(NOW.get().saturating_sub(size));
}

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        given_back(layout.size());
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Old and new may both exist for a moment.
        taken(size);
        given_back(layout.size());
        unsafe { System.realloc(block, layout, size) }
    }
}
