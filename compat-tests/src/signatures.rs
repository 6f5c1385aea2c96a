//! Owns the guests that import one function of WASI 0.2 each: with its own type, and with types that are a little wrong.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata, metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, Handle, InterfaceId, Resolve, Type, TypeDefKind, TypeId, WorldId, WorldItem};

use crate::{Adapter, wat};

/// A guest that imports one function.
#[derive(Clone, Debug)]
pub struct Importer {
    /// What it is.
    pub name: String,
    /// Its bytes.
    pub wasm: Vec<u8>,
    /// The function as components spell it, and the interface without its version.
    pub function: (String, String),
    /// Whether the function has the type that it has in WASI.
    pub right: bool,
}

/// Every function of `wasi_snapshot_preview1` with its parameters, but `proc_exit`, which does not return.
pub const PREVIEW1_FUNCTIONS: &[(&str, &str)] = &[
    ("args_get", "i32 i32"),
    ("args_sizes_get", "i32 i32"),
    ("clock_res_get", "i32 i32"),
    ("clock_time_get", "i32 i64 i32"),
    ("environ_get", "i32 i32"),
    ("environ_sizes_get", "i32 i32"),
    ("fd_advise", "i32 i64 i64 i32"),
    ("fd_allocate", "i32 i64 i64"),
    ("fd_close", "i32"),
    ("fd_datasync", "i32"),
    ("fd_fdstat_get", "i32 i32"),
    ("fd_fdstat_set_flags", "i32 i32"),
    ("fd_fdstat_set_rights", "i32 i64 i64"),
    ("fd_filestat_get", "i32 i32"),
    ("fd_filestat_set_size", "i32 i64"),
    ("fd_filestat_set_times", "i32 i64 i64 i32"),
    ("fd_pread", "i32 i32 i32 i64 i32"),
    ("fd_prestat_dir_name", "i32 i32 i32"),
    ("fd_prestat_get", "i32 i32"),
    ("fd_pwrite", "i32 i32 i32 i64 i32"),
    ("fd_read", "i32 i32 i32 i32"),
    ("fd_readdir", "i32 i32 i32 i64 i32"),
    ("fd_renumber", "i32 i32"),
    ("fd_seek", "i32 i64 i32 i32"),
    ("fd_sync", "i32"),
    ("fd_tell", "i32 i32"),
    ("fd_write", "i32 i32 i32 i32"),
    ("path_create_directory", "i32 i32 i32"),
    ("path_filestat_get", "i32 i32 i32 i32 i32"),
    ("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"),
    ("path_link", "i32 i32 i32 i32 i32 i32 i32"),
    ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
    ("path_readlink", "i32 i32 i32 i32 i32 i32"),
    ("path_remove_directory", "i32 i32 i32"),
    ("path_rename", "i32 i32 i32 i32 i32 i32"),
    ("path_symlink", "i32 i32 i32 i32 i32"),
    ("path_unlink_file", "i32 i32 i32"),
    ("poll_oneoff", "i32 i32 i32 i32"),
    ("proc_raise", "i32"),
    ("random_get", "i32 i32"),
    ("sched_yield", ""),
    ("sock_accept", "i32 i32 i32"),
    ("sock_recv", "i32 i32 i32 i32 i32 i32"),
    ("sock_send", "i32 i32 i32 i32 i32"),
    ("sock_shutdown", "i32 i32"),
];

/// The names of the error codes of `wasi_snapshot_preview1`, by number.
pub const ERRNOS: &[&str] = &[
    "success",
    "2big",
    "acces",
    "addrinuse",
    "addrnotavail",
    "afnosupport",
    "again",
    "already",
    "badf",
    "badmsg",
    "busy",
    "canceled",
    "child",
    "connaborted",
    "connrefused",
    "connreset",
    "deadlk",
    "destaddrreq",
    "dom",
    "dquot",
    "exist",
    "fault",
    "fbig",
    "hostunreach",
    "idrm",
    "ilseq",
    "inprogress",
    "intr",
    "inval",
    "io",
    "isconn",
    "isdir",
    "loop",
    "mfile",
    "mlink",
    "msgsize",
    "multihop",
    "nametoolong",
    "netdown",
    "netreset",
    "netunreach",
    "nfile",
    "nobufs",
    "nodev",
    "noent",
    "noexec",
    "nolck",
    "nolink",
    "nomem",
    "nomsg",
    "noprotoopt",
    "nospc",
    "nosys",
    "notconn",
    "notdir",
    "notempty",
    "notrecoverable",
    "notsock",
    "notsup",
    "notty",
    "nxio",
    "overflow",
    "ownerdead",
    "perm",
    "pipe",
    "proto",
    "protonosupport",
    "prototype",
    "range",
    "rofs",
    "spipe",
    "srch",
    "stale",
    "timedout",
    "txtbsy",
    "xdev",
    "notcapable",
];

/// The world that an adapter carries.
pub(crate) struct World {
    pub(crate) resolve: Resolve,
    pub(crate) id: WorldId,
}

/// One guest for each function of WASI in the version that `adapter` imports; each has the function's own type.
pub fn right(adapter: Adapter) -> Vec<Importer> {
    let world = World::new(adapter);
    world.functions().into_iter().map(|(interface, name)| world.importer(interface, &name, "as it is", true)).collect()
}

/// One guest for each function of WASI with something changed in its type, in turn each change; and two for each type
/// with a name, the one without its last field or case, and the other with another name for that.
pub fn changed(adapter: Adapter) -> Vec<Importer> {
    let world = World::new(adapter);
    let mut guests = Vec::new();
    for (place, (interface, name)) in world.functions().into_iter().enumerate() {
        let mut changed = World { resolve: world.resolve.clone(), id: world.id };
        let function = changed.resolve.interfaces[interface].functions.get_mut(&name).expect("it was listed");
        let (what, right) = change(function, place);
        guests.push(changed.importer(interface, &name, what, right));
    }
    for id in world.types() {
        let user = world.functions().into_iter().find(|(interface, name)| {
            let function = &world.resolve.interfaces[*interface].functions[name];
            let types = function.params.iter().map(|param| param.ty).chain(function.result);
            types.into_iter().any(|ty| uses(&world.resolve, ty, id))
        });
        let Some((interface, name)) = user else { continue };
        for what in ["a shorter type", "another name in a type"] {
            let mut changed = World { resolve: world.resolve.clone(), id: world.id };
            if change_type(&mut changed.resolve.types[id].kind, what == "a shorter type") {
                let what = format!("{what}: {}", world.resolve.types[id].name.as_deref().unwrap_or_default());
                guests.push(changed.importer(interface, &name, &what, false));
            }
        }
    }
    guests
}

/// The parts of the type of a WASI function that decide whether it needs a bound.
#[derive(Clone, Debug)]
pub struct Shape {
    /// The name, and for a method the resource before it: `descriptor.read`.
    pub name: String,
    /// The interface without the version.
    pub interface: String,
    /// Whether the result contains a resource.
    pub makes: bool,
    /// Whether the parameters have a text or a list in them, or the result has.
    pub copies: bool,
    /// Whether a parameter is a number of 64 bits, or has one in it.
    pub counts: bool,
}

/// The shapes of all functions of WASI in the version that `adapter` imports.
pub fn shapes(adapter: Adapter) -> Vec<Shape> {
    let world = World::new(adapter);
    let resolve = &world.resolve;
    let shape = |(id, full): (InterfaceId, String)| {
        let function = &resolve.interfaces[id].functions[&full];
        let in_parameters =
            |wanted: fn(&Resolve, Type) -> bool| function.params.iter().any(|param| has(resolve, param.ty, wanted));
        let in_result = |wanted| function.result.is_some_and(|ty| has(resolve, ty, wanted));
        let copied: fn(&Resolve, Type) -> bool = |resolve, ty| match ty {
            Type::String => true,
            Type::Id(id) => matches!(resolve.types[id].kind, TypeDefKind::List(_)),
            _ => false,
        };
        let interface = resolve.id_of(id).unwrap_or_default();
        Shape {
            name: full.rsplit(']').next().unwrap_or_default().to_owned(),
            interface: interface.split('@').next().unwrap_or_default().to_owned(),
            makes: in_result(|resolve, ty| match ty {
                Type::Id(id) => matches!(resolve.types[id].kind, TypeDefKind::Handle(Handle::Own(_))),
                _ => false,
            }),
            copies: in_parameters(copied) || in_result(copied),
            counts: in_parameters(|_, ty| matches!(ty, Type::U64 | Type::S64)),
        }
    };
    world.functions().into_iter().map(shape).collect()
}

/// Whether a type is, or has in it, one that is wanted.
fn has(resolve: &Resolve, ty: Type, wanted: fn(&Resolve, Type) -> bool) -> bool {
    let inner = |ty: Option<Type>| ty.is_some_and(|ty| has(resolve, ty, wanted));
    if wanted(resolve, ty) {
        return true;
    }
    let Type::Id(id) = ty else { return false };
    match &resolve.types[id].kind {
        TypeDefKind::Record(record) => record.fields.iter().any(|field| inner(Some(field.ty))),
        TypeDefKind::Tuple(tuple) => tuple.types.iter().any(|ty| inner(Some(*ty))),
        TypeDefKind::Variant(variant) => variant.cases.iter().any(|case| inner(case.ty)),
        TypeDefKind::Result(result) => inner(result.ok) || inner(result.err),
        TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => inner(Some(*ty)),
        _ => false,
    }
}

impl World {
    pub(crate) fn new(adapter: Adapter) -> Self {
        let (_, bindgen) = metadata::decode(adapter.bytes()).expect("an adapter carries its world");
        Self { resolve: bindgen.resolve, id: bindgen.world }
    }

    fn interfaces(&self) -> impl Iterator<Item = InterfaceId> {
        self.resolve.worlds[self.id].imports.values().filter_map(|item| match item {
            WorldItem::Interface { id, .. } => Some(*id),
            _ => None,
        })
    }

    pub(crate) fn functions(&self) -> Vec<(InterfaceId, String)> {
        let of = |id: InterfaceId| self.resolve.interfaces[id].functions.keys().map(move |name| (id, name.clone()));
        self.interfaces().flat_map(of).collect()
    }

    fn types(&self) -> Vec<TypeId> {
        self.interfaces().flat_map(|id| self.resolve.interfaces[id].types.values().copied()).collect()
    }

    /// A command whose only import is the function.
    fn importer(&self, interface: InterfaceId, name: &str, what: &str, right: bool) -> Importer {
        let function = &self.resolve.interfaces[interface].functions[name];
        let signature = self.resolve.wasm_signature(AbiVariant::GuestImport, function);
        let words = |types: &[WasmType]| types.iter().map(|ty| word(*ty)).collect::<Vec<_>>().join(" ");
        let module = self.resolve.id_of(interface).expect("interfaces of WASI have names");
        let exports = &self.resolve.worlds[self.id].exports;
        let run = exports.values().find_map(|item| match item {
            WorldItem::Interface { id, .. } => self.resolve.id_of(*id),
            _ => None,
        });
        let mut bytes = wat(&format!(
            r#"(module
                (import "{module}" "{name}" (func (param {}) (result {})))
                (memory (export "memory") 1)
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
                (func (export "{}#run") (result i32) (i32.const 0)))"#,
            words(&signature.params),
            words(&signature.results),
            run.expect("the world is that of commands"),
        ));
        let mut encode = || {
            embed_component_metadata(&mut bytes, &self.resolve, self.id, StringEncoding::UTF8, false)?;
            ComponentEncoder::default().validate(true).module(&bytes)?.encode()
        };
        let wasm = encode().unwrap_or_else(|error| panic!("{module} {name}, {what}: {error:#}"));
        let interface = module.split('@').next().unwrap_or_default().to_owned();
        Importer { name: format!("{name} of {module}, {what}"), wasm, function: (name.to_owned(), interface), right }
    }
}

/// A type of core modules, in their text.
pub(crate) fn word(ty: WasmType) -> &'static str {
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}

/// Changes a function in one of five ways; says which, and whether it still fits.
fn change(function: &mut Function, place: usize) -> (&'static str, bool) {
    // The first parameter of a method stays.
    let fixed = usize::from(function.name.starts_with("[method]"));
    let more = function.params.len() > fixed;
    match place % 5 {
        0 if more => {
            function.params.pop();
            ("a parameter less", false)
        }
        1 if more => {
            let last = function.params.len() - 1;
            function.params[last].ty = Type::Char;
            ("another parameter", false)
        }
        2 if more => {
            let last = function.params.len() - 1;
            function.params[last].name = "renamed".to_owned();
            ("another name of a parameter", true)
        }
        3 => {
            function.result = if function.result.is_some() { None } else { Some(Type::U32) };
            ("another result", false)
        }
        _ => {
            let mut param = function.params.first().cloned().unwrap_or_else(|| wit_parser::Param {
                name: String::new(),
                ty: Type::U8,
                span: function.span,
            });
            (param.name, param.ty) = ("more".to_owned(), Type::U8);
            function.params.push(param);
            ("a parameter more", false)
        }
    }
}

/// Takes the last field or case away, or gives it another name; returns whether that can be done.
fn change_type(kind: &mut TypeDefKind, shorter: bool) -> bool {
    fn edit<T>(list: &mut Vec<T>, shorter: bool, name: impl Fn(&mut T) -> &mut String) -> bool {
        if shorter {
            return list.len() > 1 && list.pop().is_some();
        }
        list.last_mut().is_some_and(|last| {
            *name(last) = "renamed".to_owned();
            true
        })
    }
    match kind {
        TypeDefKind::Record(ty) => edit(&mut ty.fields, shorter, |field| &mut field.name),
        TypeDefKind::Variant(ty) => edit(&mut ty.cases, shorter, |case| &mut case.name),
        TypeDefKind::Enum(ty) => edit(&mut ty.cases, shorter, |case| &mut case.name),
        TypeDefKind::Flags(ty) => edit(&mut ty.flags, shorter, |flag| &mut flag.name),
        _ => false,
    }
}

/// Whether a type is made of `wanted`.
fn uses(resolve: &Resolve, ty: Type, wanted: TypeId) -> bool {
    let Type::Id(id) = ty else { return false };
    let any = |mut types: Box<dyn Iterator<Item = Type> + '_>| types.any(|ty| uses(resolve, ty, wanted));
    id == wanted
        || match &resolve.types[id].kind {
            TypeDefKind::Type(ty) | TypeDefKind::List(ty) | TypeDefKind::Option(ty) => uses(resolve, *ty, wanted),
            TypeDefKind::Tuple(ty) => any(Box::new(ty.types.iter().copied())),
            TypeDefKind::Record(ty) => any(Box::new(ty.fields.iter().map(|field| field.ty))),
            TypeDefKind::Variant(ty) => any(Box::new(ty.cases.iter().filter_map(|case| case.ty))),
            TypeDefKind::Result(ty) => any(Box::new(ty.ok.into_iter().chain(ty.err))),
            _ => false,
        }
}
