//! What adapters do when they are run: known ones, changed ones, and modules that are made to do harm.

mod shared;

use std::time::{Duration, Instant};

use wasmtime_compat_guest::report::{
    AdapterIdentity, AdapterReport, Evidence, Fingerprint, GuestReport, IssueStatus, Obstacle,
};

use self::shared::{Numbers, adapters, carrier, component, frugal_module, nest, strip, walker, without_lines};

const NAMES: &str = "preopen-names";
const READDIR: &str = "readdir-endless";

fn only(report: GuestReport) -> AdapterReport {
    let [adapter] = <[AdapterReport; 1]>::try_from(report.adapters).unwrap();
    adapter
}

fn parsed(guest: &[u8]) -> AdapterReport {
    only(GuestReport::parse(guest).unwrap())
}

fn observed(guest: &[u8]) -> AdapterReport {
    only(GuestReport::observe(guest).unwrap())
}

fn status(adapter: &AdapterReport, id: &str) -> IssueStatus {
    adapter.issues.iter().find(|issue| issue.issue.id == id).unwrap().status
}

/// The most time that a guest may take. Unoptimised, the interpreter is a hundred times slower.
const MOST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 100 } else { 1 });

/// What was seen of a flaw: whether it is there, and what that contradicts; or why not.
type Seen = Result<(bool, Option<IssueStatus>), Obstacle>;

fn seen(adapter: &AdapterReport, id: &str) -> Option<Seen> {
    adapter.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Observed { issue, flawed, predicted } if *issue == id => Some(Ok((*flawed, *predicted))),
        Evidence::Inconclusive { issue, obstacle } if *issue == id => Some(Err(*obstacle)),
        _ => None,
    })
}

/// Whether the source of this release has the flaws of names and of reading directories.
fn flaws(version: &str) -> [(&'static str, bool); 2] {
    [(NAMES, version == "24.0.13"), (READDIR, version != "48.0.8")]
}

fn affected(flawed: bool) -> IssueStatus {
    if flawed { IssueStatus::Affected } else { IssueStatus::NotAffected }
}

#[test]
fn published_adapters_do_what_their_source_says() {
    for (version, flavour, wasm) in adapters() {
        for guest in [component(&walker(false), wasm), component(&walker(true), wasm)] {
            for guest in [strip(&guest), nest(&[&guest])] {
                let (read, run) = (parsed(&guest), observed(&guest));
                assert_eq!((&run.identity, &run.issues), (&read.identity, &read.issues), "{version} {flavour}");
                for (id, flawed) in flaws(version) {
                    // A proxy has no files.
                    let expected = (flavour != "proxy").then_some(Ok((flawed, None)));
                    assert_eq!(seen(&run, id), expected, "{version} {flavour} {id}");
                    assert_eq!(status(&run, id), affected(flawed && flavour != "proxy"), "{version} {flavour} {id}");
                }
            }
        }
    }
}

#[test]
fn what_is_not_used_is_not_asked() {
    let guest = component(&frugal_module(), adapters()[0].2);
    assert_eq!(GuestReport::observe(&guest).unwrap(), GuestReport::parse(&guest).unwrap());
    assert_eq!(GuestReport::observe(adapters()[0].2).unwrap(), GuestReport::parse(adapters()[0].2).unwrap());
}

#[test]
fn an_adapter_that_nobody_knows_is_decided_by_what_it_does() {
    for (version, flavour, wasm) in adapters() {
        if flavour == "proxy" {
            continue;
        }
        let forged = without_lines(&strip(&component(&walker(true), wasm)));
        let (read, run) = (parsed(&forged), observed(&forged));
        assert_eq!((&read.identity, &run.identity), (&AdapterIdentity::Unknown, &AdapterIdentity::Unknown));
        for (id, flawed) in flaws(version) {
            assert_eq!(status(&read, id), IssueStatus::Unknown, "{version} {flavour} {id}");
            assert_eq!(seen(&run, id), Some(Ok((flawed, None))), "{version} {flavour} {id}");
            assert_eq!(status(&run, id), affected(flawed), "{version} {flavour} {id}");
        }
        // What was not looked at stays open.
        assert_eq!(status(&run, "strings-over-64k"), IssueStatus::Unknown);
    }
}

/// A module with the shape of an adapter, in a component; `name` is the body of `fd_prestat_dir_name`, `more` stands
/// beside it.
fn shaped(name: &str, more: &str) -> Vec<u8> {
    let realloc = "(call $realloc (local.get 0) (local.get 1) (local.get 2) (local.get 3))";
    let signature = "(param $fd i32) (param $at i32) (param $size i32) (result i32)";
    carrier(&[&module(realloc, signature, name, more)])
}

fn module(realloc: &str, signature: &str, name: &str, more: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
        (import "env" "memory" (memory 0))
        (import "__main_module__" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
        (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $preopens (param i32)))
        (import "wasi:filesystem/types@0.2.0" "[method]descriptor.sync" (func $sync (param i32 i32)))
        (func (export "cabi_import_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
        (func $name (export "fd_prestat_dir_name") {signature} {name})
        {more})"#
    );
    wat::parse_str(text).unwrap()
}

/// Copies the name of the preopened directory with the descriptor `$fd`, or of another.
fn copies(fd: &str) -> String {
    format!(
        "(call $preopens (i32.const 256))
        (memory.copy (local.get $at)
            (i32.load offset=4 (i32.add (i32.load (i32.const 256)) (i32.mul (i32.sub {fd} (i32.const 3)) (i32.const 12))))
            (local.get $size))
        (i32.const 0)"
    )
}

/// Up to 13 interfaces have no version, methods are functions, and resources are numbers.
#[test]
fn wasi_without_resources_is_simulated_too() {
    let body = copies("(local.get $fd)");
    let text = format!(
        r#"(module
        (import "env" "memory" (memory 0))
        (import "__main_module__" "cabi_realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
        (import "wasi:filesystem/preopens" "get-directories" (func $preopens (param i32)))
        (import "wasi:filesystem/types" "get-type" (func $type (param i32 i32)))
        (import "wasi:filesystem/types" "drop-descriptor" (func $drop (param i32)))
        (func (export "cabi_import_realloc") (param i32 i32 i32 i32) (result i32)
            (call $realloc (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
        (func (export "fd_prestat_dir_name") (param $fd i32) (param $at i32) (param $size i32) (result i32)
            (call $type (i32.const 1) (i32.const 512))
            (call $drop (i32.const 1))
            {body}))"#
    );
    let run = observed(&carrier(&[&wat::parse_str(text).unwrap()]));
    assert_eq!(seen(&run, NAMES), Some(Ok((false, None))));
}

/// Functions that check something at the lines of the source of an adapter.
fn lines_of(wasm: &[u8]) -> String {
    let lines = Fingerprint::of(wasm).unwrap().lines;
    let checks: String = lines.iter().map(|line| format!("(call $failed (i32.const {line}))")).collect();
    format!("(func $failed (param i32) unreachable) (func $checks {checks})")
}

#[test]
fn what_it_does_counts_against_what_it_seems_to_be() {
    let all = adapters();
    // Source lines of 24.0.13, and right names.
    let guest = shaped(&copies("(local.get $fd)"), &lines_of(all[1].2));
    assert_eq!(status(&parsed(&guest), NAMES), IssueStatus::Affected);
    let run = observed(&guest);
    assert_eq!(status(&run, NAMES), IssueStatus::NotAffected);
    assert_eq!(seen(&run, NAMES), Some(Ok((false, Some(IssueStatus::Affected)))));
    assert!(matches!(run.identity, AdapterIdentity::SourceClass { .. }), "{:?}", run.identity);

    // Source lines of 48.0.8, and the name of the last directory for those in the middle.
    let wrong = "(select (local.get $fd) (i32.const 7) (i32.eq (local.get $fd) (i32.const 3)))";
    let guest = shaped(&copies(wrong), &lines_of(all[10].2));
    assert_eq!(status(&parsed(&guest), NAMES), IssueStatus::NotAffected);
    let run = observed(&guest);
    assert_eq!(status(&run, NAMES), IssueStatus::Affected);
    assert_eq!(seen(&run, NAMES), Some(Ok((true, Some(IssueStatus::NotAffected)))));
    assert!(
        run.evidence.iter().any(|evidence| evidence.to_string().contains("overrides the expected status not-affected"))
    );
}

/// Asserts that running these guests shows nothing, and why, and that it takes no more time than it may.
fn show_nothing(guests: &[(&str, Vec<u8>, Obstacle)]) {
    for (what, guest, why) in guests {
        let started = Instant::now();
        let run = observed(guest);
        assert_eq!(seen(&run, NAMES), Some(Err(*why)), "{what}");
        assert_eq!(status(&run, NAMES), IssueStatus::Unknown, "{what}");
        assert!(started.elapsed() < MOST, "{what}: {:?}", started.elapsed());
    }
}

#[test]
fn nothing_is_concluded_from_what_takes_too_much() {
    let right = copies("(local.get $fd)");
    let forever = |body: &str| format!("(loop $on {body} (br $on)) (i32.const 0)");
    let start = format!("(func $go (drop (block (result i32) {}))) (start $go)", forever(""));
    let allocates = "(drop (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)))";
    let takes = "(drop (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 100000)))";
    let grows = "(drop (memory.grow (i32.const 1)))";
    let fills = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 1000000))";
    let widens = "(drop (table.grow $t (ref.null func) (i32.const 900)))";
    // Each of many branches copies many values.
    let values = "local.get 0 i32.const 1 i32.add ".repeat(20);
    let branches = "i32.const 1 br_if 0 ".repeat(64_000);
    let drops = "drop ".repeat(20);
    let dear = format!("block (type $many) {values} {branches} end {drops} i32.const 0");
    let many = format!("(type $many (func (result {})))", "i32 ".repeat(20));
    show_nothing(&[
        ("a loop", shaped(&forever(""), ""), Obstacle::Limit),
        ("a loop at the start", shaped(&right, &start), Obstacle::Limit),
        ("calls", shaped(&forever("(call $preopens (i32.const 64))"), ""), Obstacle::Limit),
        ("the guest's allocator", shaped(&forever(allocates), ""), Obstacle::Limit),
        ("more than the guest's allocator has", shaped(&forever(takes), ""), Obstacle::Trap),
        ("memory, page by page", shaped(&forever(grows), ""), Obstacle::Limit),
        ("memory, from end to end", shaped(&forever(fills), ""), Obstacle::Limit),
        ("a table", shaped(&forever(widens), "(table $t 1 funcref)"), Obstacle::Limit),
        ("a large table", shaped(&right, "(table 10000000 funcref)"), Obstacle::Limit),
        ("code that is dear to translate", shaped(&dear, &many), Obstacle::Limit),
        ("a large module", shaped(&format!("{} i32.const 0", "nop ".repeat(300_000)), ""), Obstacle::Limit),
        ("recursion", shaped("(call $name (local.get 0) (local.get 1) (local.get 2))", ""), Obstacle::Trap),
    ]);
}

#[test]
fn nothing_is_concluded_from_what_does_not_answer() {
    let right = copies("(local.get $fd)");
    let signature = "(param $fd i32) (param $at i32) (param $size i32) (result i32)";
    // Its allocator calls the function whose answer needs the allocator.
    let again = module("(call $preopens (i32.const 64)) (i32.const 512)", signature, &right, "");
    let other_type = module("(i32.const 0)", "(param i64)", "", "");
    // `i32.add` of three numbers where two are needed becomes `i32.eqz`: the stack is not as it should be then.
    let mut invalid = shaped("(i32.add (i32.const 77) (i32.const 77))", "");
    let add = invalid.windows(5).position(|bytes| bytes == [0x41, 0xcd, 0, 0x41, 0xcd]).unwrap() + 6;
    assert_eq!(std::mem::replace(&mut invalid[add], 0x45), 0x6a);
    let global = wat::parse_str(
        r#"(module (import "env" "memory" (memory 0)) (import "env" "base" (global i32))
        (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func (param i32)))
        (func (export "fd_prestat_dir_name") (param i32 i32 i32) (result i32) (i32.const 0)))"#,
    );
    let missing = "(call $sync (i32.const 1) (i32.const 1)) (i32.const 0)";
    let zeros = "(memory.fill (local.get $at) (i32.const 0) (local.get $size)) (i32.const 0)";
    let all_at_once = "(if (i32.eq (memory.grow (i32.const 65000)) (i32.const -1)) (then unreachable)) (i32.const 0)";
    show_nothing(&[
        ("a trap", shaped("unreachable", ""), Obstacle::Trap),
        ("a trap at the start", shaped(&right, "(func $go unreachable) (start $go)"), Obstacle::Trap),
        ("memory that is not given", shaped(all_at_once, ""), Obstacle::Trap),
        ("its allocator needs itself", carrier(&[&again]), Obstacle::Trap),
        ("a call that nobody answers", shaped(missing, ""), Obstacle::Import),
        ("a global that nobody has", carrier(&[&global.unwrap()]), Obstacle::Import),
        ("invalid code", invalid, Obstacle::Invalid),
        ("another type", carrier(&[&other_type]), Obstacle::UnexpectedResult),
        ("an error number", shaped("(i32.const 8)", ""), Obstacle::UnexpectedResult),
        ("nothing written", shaped("(i32.const 0)", ""), Obstacle::UnexpectedResult),
        ("zeros written", shaped(zeros, ""), Obstacle::UnexpectedResult),
    ]);
}

#[test]
fn many_adapters_share_what_a_guest_may_use() {
    // A guest must have room for its adapters: published ones have 50 kB, so each of these gets a custom section.
    let room = format!("(@custom \"room\" \"{}\")", " ".repeat(600));
    let shape = |name: &str| module("unreachable", "(param i32 i32 i32) (result i32)", name, &room);
    let (endless, trap) = (shape("(loop $on (br $on)) (i32.const 0)"), shape("unreachable"));
    let mut modules = vec![&trap[..]];
    modules.extend(vec![&endless[..]; 300]);
    modules.push(&trap[..]);
    let started = Instant::now();
    let report = GuestReport::observe(&carrier(&modules)).unwrap();
    assert!(started.elapsed() < MOST, "{:?}", started.elapsed());
    assert_eq!(report.adapters.len(), 302);
    assert_eq!(seen(&report.adapters[0], NAMES), Some(Err(Obstacle::Trap)));
    assert!(report.adapters[1..].iter().all(|adapter| seen(adapter, NAMES) == Some(Err(Obstacle::Limit))));
}

#[test]
fn no_bytes_make_it_panic() {
    let mut numbers = Numbers::new();
    let mut below = |end| numbers.below(end);
    let guests: Vec<_> = adapters().iter().map(|(_, _, wasm)| strip(&component(&walker(false), wasm))).collect();
    let (mut seen, mut unseen) = (0, 0);
    for round in 0..if cfg!(debug_assertions) { 250 } else { 20_000 } {
        let mut guest = guests[round % guests.len()].clone();
        for _ in 0..=below(3) {
            let at = below(guest.len());
            guest[at] ^= 1 << below(8);
        }
        for adapter in GuestReport::observe(&guest).map(|report| report.adapters).unwrap_or_default() {
            for evidence in adapter.evidence {
                match evidence {
                    Evidence::Observed { .. } => seen += 1,
                    Evidence::Inconclusive { .. } => unseen += 1,
                    _ => {}
                }
            }
        }
    }
    assert!(seen > 50 && unseen > 5, "{seen} seen, {unseen} not");
}
