//! What the macro refuses, and that what it takes is Rust.

use proc_macro2::TokenStream;
use quote::quote;

use super::options::Options;
use super::{bindings, sources};

fn expand(options: TokenStream) -> Result<String, String> {
    let expand = || {
        let options: Options = syn::parse2(options)?;
        bindings(&sources::load(&options)?, &options)
    };
    expand().map(|bindings| bindings.to_string()).map_err(|report: syn::Error| report.to_string())
}

fn expand_wit(wit: &str) -> Result<String, String> {
    expand(quote!({ inline: #wit }))
}

#[test]
fn takes_every_kind_of_type() {
    let text = expand_wit(
        "package test:all;
        interface types {
            record point { x: s32, y: s32 }
            variant shape { none, at(point), named(tuple<string, list<point>>) }
            enum color { red, dark-blue }
            flags access { read, write }
            type names = list<string>;
            resource blob { constructor(size: u32); read: func(n: u32) -> list<u8>; make: static func() -> blob; }
            draw: func(shape: shape, color: option<color>, access: access) -> result<names, color>;
        }
        world all { import types; export types; import log: func(text: string); export run: func(names: list<string>) -> string; }",
    )
    .unwrap();
    let file: syn::File = syn::parse_str(&text).unwrap_or_else(|report| panic!("{report}: {text}"));
    assert!(file.items.len() > 4, "{text}");
    for name in ["AllImports", "HostBlob", "GuestBlob", "call_run", "call_draw", "AllPre"] {
        assert!(text.contains(name), "{name}");
    }
}

#[test]
fn unsupported_types_are_refused_with_their_place() {
    for (wit, what) in [
        ("f: func() -> future<u32>;", "a `future`"),
        ("f: func(x: stream<u8>);", "a `stream`"),
        ("f: async func();", "an `async func`"),
        ("type t = map<string, u32>;", "a `map`"),
        ("f: func(x: list<u32, 4>);", "a list of a fixed length"),
        ("f: func(x: option<error-context>);", "an `error-context`"),
    ] {
        let wit = format!("package test:refused;\ninterface i {{\n  {wit}\n}}\nworld w {{ import i; }}");
        let error = expand_wit(&wit).unwrap_err();
        assert!(error.contains(what) && error.contains("inline:3:"), "{error}");
    }
}

#[test]
fn options_that_match_nothing_are_refused() {
    let wit = "package test:options; interface i { f: func(); } world w { import i; export g: func(); }";
    for options in [
        quote!({ inline: #wit, imports: { "test:options/i.nope": async } }),
        quote!({ inline: #wit, exports: { "f": async } }),
        quote!({ inline: #wit, with: { "test:options/other": crate::other } }),
        quote!({ inline: #wit, trappable_error_type: { "test:options/i.error" => Error } }),
        quote!({ inline: #wit, world: "other" }),
        quote!({ inline: #wit, async: true }),
        quote!({ inline: #wit, imports: { default: store } }),
        quote!({ inline: #wit, unknown: true }),
    ] {
        assert!(expand(options.clone()).is_err(), "{options}");
    }
    for options in [
        quote!({ inline: #wit, imports: { "test:options/i.f": async }, exports: { "g": async } }),
        quote!({ inline: #wit, imports: { "test:options": async | trappable }, exports: { default: async } }),
        quote!({ inline: #wit, with: { "test:options/i": crate::other }, world: "w" }),
    ] {
        expand(options.clone()).unwrap_or_else(|report| panic!("{options}: {report}"));
    }
}

#[test]
fn errors_of_wit_name_the_place() {
    let error = expand_wit("package test:broken;\nworld w {\n  import f: func(x: nope);\n}").unwrap_err();
    assert!(error.contains("inline:3:"), "{error}");
    let error = expand(quote!({ path: "no/such/folder" })).unwrap_err();
    assert!(error.contains("no/such/folder"), "{error}");
}

#[test]
fn features_and_versions_are_those_of_wit() {
    let wit = "package test:gates@1.1.0;
        interface i {
            @since(version = 1.0.0) stable-one: func();
            @unstable(feature = fancy) fancy-one: func();
        }
        world w { import i; }";
    let without = expand(quote!({ inline: #wit })).unwrap();
    assert!(without.contains("fn stable_one") && !without.contains("fn fancy_one"), "{without}");
    let with = expand(quote!({ inline: #wit, features: ["fancy"] })).unwrap();
    assert!(with.contains("fn fancy_one") && with.contains("\"test:gates/i@1.1.0\""), "{with}");
}

#[test]
fn versions_of_a_package_have_modules_of_their_own() {
    let wit = "package test:main;
        package dep:lib@1.0.0 { interface i { f: func(); } }
        package dep:lib@2.1.0-rc.1 { interface i { f: func(); } }
        world w { import dep:lib/i@1.0.0; import dep:lib/i@2.1.0-rc.1; }";
    let text = expand_wit(wit).unwrap();
    for part in ["mod lib1_0_0", "mod lib2_1_0_rc_1", "\"dep:lib/i@1.0.0\"", "\"dep:lib/i@2.1.0-rc.1\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let with =
        expand(quote!({ inline: #wit, with: { "dep:lib@1.0.0": crate::first, "dep:lib": crate::all } })).unwrap();
    for part in ["pub use crate :: first as __with_name0", "__with_name0 :: i :: *", "__with_name1 :: i :: *"] {
        assert!(with.contains(part), "{part}: {with}");
    }
}

#[test]
fn names_that_rust_reserves_are_changed() {
    let text = expand_wit(
        "package test:names;
        interface host { record host { %type: u32, self: bool } variant gen { ok, none, %static(string) } match: func(%fn: host) -> gen; }
        world names { import host; }",
    )
    .unwrap();
    syn::parse_str::<syn::File>(&text).unwrap_or_else(|report| panic!("{report}: {text}"));
    for part in ["struct Host_", "type_ : u32", "self_ : bool", "Static (", "fn match_ (& mut self , fn_ : Host_)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}
