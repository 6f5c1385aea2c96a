//! Owns the list of hostile inputs that are not guests of the program `hostile`, and the test of each.

/// A hostile input, and the test that asserts its outcome.
pub(super) struct Elsewhere {
    pub(super) input: &'static str,
    /// The file of the test, from the root of the repository.
    pub(super) file: &'static str,
    pub(super) test: &'static str,
}

const fn elsewhere(input: &'static str, file: &'static str, test: &'static str) -> Elsewhere {
    Elsewhere { input, file, test }
}

const GUEST_FILE: &str = "crates/cli/tests/cli/guest_file.rs";
const REPORTED: &str = "crates/cli/tests/cli/reported.rs";

/// Inputs of the reports.
pub(super) const INPUTS: &[Elsewhere] = &[
    elsewhere(
        "cli-guestfile: the guest is a named pipe, `/dev/zero`, a socket or a directory",
        GUEST_FILE,
        "a_guest_is_a_regular_file",
    ),
    elsewhere("cli-guestfile: the guest is `/dev/full`", REPORTED, "odd_files_are_typed_errors"),
    elsewhere(
        "cli-guest-5g: the guest is a sparse file of 5 GB",
        GUEST_FILE,
        "what_is_too_long_or_not_a_guest_is_not_read",
    ),
    elsewhere(
        "names/imp: import names with line ends, U+202E and U+200B",
        GUEST_FILE,
        "names_of_a_guest_do_not_make_lines_of_their_own",
    ),
    elsewhere("the same in paths and arguments", GUEST_FILE, "paths_and_arguments_do_not_make_lines_of_their_own"),
    elsewhere(
        "comp-expo with `run`, `compare`, `inspect`, `probe` and `readapt`",
        REPORTED,
        "a_component_that_doubles_is_refused_by_every_command",
    ),
    elsewhere(
        "comp-expo, and other guests that compile for hours",
        "compat-tests/tests/cases/engine/hostile_compile.rs",
        "guests_that_are_too_complex_are_refused_at_once",
    ),
    elsewhere("comp-expo, read without an engine", "crates/guest/tests/hostile_guests.rs", "instances_that_double"),
    elsewhere("`compare` with tab-grow-4g and p1-poll-max", REPORTED, "compare_survives_guests_that_request_too_much"),
    elsewhere(
        "a bulk instruction that ends after the timeout",
        "compat-tests/tests/cases/hostile.rs",
        "a_guest_that_ends_late_has_timed_out",
    ),
    elsewhere(
        "`inspect` of a component whose bytes are changed, left out and put in",
        "crates/guest/tests/guest_report.rs",
        "no_bytes_make_it_panic_or_believe_a_changed_adapter",
    ),
    elsewhere(
        "`readapt` of the same",
        "crates/guest/tests/readapt.rs",
        "changed_bytes_never_make_it_panic_or_pass_with_another_module",
    ),
    elsewhere(
        "`probe` of the same",
        "crates/guest/tests/probe.rs",
        "no_bytes_make_it_panic_and_what_was_valid_stays_so",
    ),
    elsewhere(
        "links to themselves, directories, devices and `/proc/self/mem` as guest, `--stdin`, `-o` and `--dir`",
        REPORTED,
        "odd_files_are_typed_errors",
    ),
    elsewhere(
        "`--create-dir` with a directory that becomes a link and a file meanwhile",
        REPORTED,
        "a_directory_that_changes_while_it_is_created",
    ),
    elsewhere(
        "`--timeout`, `--fuel` and `--capture-limit` at and above their limits",
        REPORTED,
        "numbers_at_and_above_their_limits",
    ),
];

/// The test of the guests of `wasi:http`, which the program does not run.
pub(super) const HTTP: Elsewhere = elsewhere(
    "guests of `wasi:http`",
    "compat-tests/tests/cases/http/hostile.rs",
    "each_ends_the_same_and_the_host_lives_on",
);

#[cfg(test)]
mod tests {
    //! Every test that the page names exists, and is one.

    use std::fs;
    use std::path::Path;

    use super::{HTTP, INPUTS};

    #[test]
    fn the_tests_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is in the repository");
        for input in INPUTS.iter().chain([&HTTP]) {
            let text = fs::read_to_string(root.join(input.file)).expect(input.file);
            let (before, _) = text.split_once(&format!("fn {}()", input.test)).expect(input.test);
            let attributes = before.trim_end().rsplit("\n\n").next().unwrap_or_default();
            assert!(attributes.contains("#[test]"), "{}: {}", input.file, input.test);
        }
    }
}
