//! Types of imports, exports and values: their text, and what is refused without any major.

use wasmtime_compat::{
    ErrorKind, ExternType, FuncType, GlobalType, Guest, HeapType, MemoryType, Mutability, RefType, TableType, TagType,
    ValType,
};

#[test]
fn types_are_shown_as_text_has_them() {
    let text = |ty: ExternType| ty.to_string();
    assert_eq!(text(FuncType::new([], []).into()), "(func)");
    assert_eq!(text(FuncType::new([], [ValType::EXTERNREF]).into()), "(func (result externref))");
    assert_eq!(text(GlobalType::new(ValType::F64, Mutability::Const).into()), "(global f64)");
    assert_eq!(text(TableType::new64(RefType::ANYREF, 1, None).into()), "(table i64 1 (ref null any))");
    assert_eq!(text(MemoryType::shared(1, 2).into()), "(memory 1 2 shared)");
    assert_eq!(text(TagType::new(FuncType::new([ValType::V128], [])).into()), "(tag (param v128))");
    assert_eq!(ValType::from(RefType::new(false, HeapType::NoFunc)).to_string(), "(ref nofunc)");
}

#[test]
fn types_of_memories_are_checked_when_they_are_built() {
    let refused = |ty: &mut wasmtime_compat::MemoryTypeBuilder| ty.build().unwrap_err().kind();
    let builder = MemoryType::builder;
    assert_eq!(refused(builder().min(2).max(Some(1))), ErrorKind::Config);
    assert_eq!(refused(builder().min(65_537)), ErrorKind::Config);
    assert_eq!(refused(builder().min(1).max(Some(65_537))), ErrorKind::Config);
    assert_eq!(refused(builder().min(u64::MAX).memory64(true)), ErrorKind::Config);
    assert_eq!(refused(builder().min(1).shared(true)), ErrorKind::Config);
    for log2 in [1, 15, 17, 63, 64, 255] {
        assert_eq!(refused(builder().page_size_log2(log2)), ErrorKind::Config);
    }
    let widest = builder().min(65_536).max(Some(65_536)).build().unwrap();
    assert_eq!(widest, MemoryType::new(65_536, Some(65_536)));
    assert_eq!(builder().min(1 << 48).memory64(true).build().unwrap(), MemoryType::new64(1 << 48, None));
}

#[test]
fn custom_sections_are_found_by_name() {
    let wasm =
        wat::parse_str(r#"(module (@custom "a" "1") (@custom "b" "2") (func) (@custom "a" "") (@custom "a" "3"))"#);
    let wasm = wasm.unwrap();
    assert_eq!(Guest::custom_sections(&wasm, "a").unwrap(), [&b"1"[..], b"", b"3"]);
    assert!(Guest::custom_sections(&wasm, "c").unwrap().is_empty());
    assert!(Guest::custom_sections(&wasm[..wasm.len() - 1], "a").is_err());
    assert!(Guest::custom_sections(b"a", "a").is_err());
}
