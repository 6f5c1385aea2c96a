//! Tags of exceptions, where the major has them.

use compat_tests::engine;
use wasmtime_compat::{CoreWasmtime as _, ErrorKind, FuncType, Store, Tag, TagType, ValType};

use super::V;

#[test]
fn tags_of_the_host() {
    let engine = engine::<V>();
    let mut store = Store::new(&engine, ());
    let ty = TagType::new(FuncType::new([ValType::I32], []));
    let tag = Tag::<V>::new(&mut store, &ty);
    if V::MAJOR < 36 {
        let error = tag.unwrap_err();
        assert_eq!((error.kind(), error.unsupported().unwrap().since), (ErrorKind::Unsupported, Some(36)));
        return;
    }
    let tag = tag.unwrap();
    assert_eq!(tag.ty(&store).unwrap(), ty);
    assert_eq!(tag.ty(Store::new(&engine, ())).unwrap_err().kind(), ErrorKind::InvalidArgument);
}
