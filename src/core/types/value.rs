//! Owns the types of values and references.

/// The type of a value.
///
/// ```
/// use wasmtime_compat::{RefType, ValType};
///
/// assert!(ValType::F64.is_num() && !ValType::V128.is_num());
/// assert_eq!(ValType::FUNCREF.as_ref(), Some(&RefType::FUNCREF));
/// assert_eq!(ValType::EXTERNREF.to_string(), "externref");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ValType {
    /// 32-bit integer, signed or not.
    I32,
    /// 64-bit integer, signed or not.
    I64,
    /// 32-bit floating-point number.
    F32,
    /// 64-bit floating-point number.
    F64,
    /// 128-bit vector.
    V128,
    /// A reference.
    Ref(RefType),
}

/// The type of a reference: the type of what it refers to, and whether it can be null.
///
/// ```
/// use wasmtime_compat::{HeapType, RefType};
///
/// assert_eq!(RefType::FUNCREF, RefType::new(true, HeapType::Func));
/// assert_eq!(RefType::FUNCREF.to_string(), "funcref");
/// assert_eq!(RefType::new(false, HeapType::I31).to_string(), "(ref i31)");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RefType {
    is_nullable: bool,
    heap_type: HeapType,
}

/// The type of what a reference refers to.
///
/// Types that a module defines are named by their sort only, without the definition, which can refer to itself: two
/// references to different function types have the same `HeapType`.
///
/// ```
/// use wasmtime_compat::{HeapType, RefType};
///
/// let ty = RefType::new(false, HeapType::Struct);
/// assert_eq!(ty.heap_type(), &HeapType::Struct);
/// assert_eq!(ty.to_string(), "(ref struct)");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum HeapType {
    /// Any value of the host.
    Extern,
    /// No value of the host: only null.
    NoExtern,
    /// Any function.
    Func,
    /// A function of a type that a module defines.
    ConcreteFunc,
    /// No function: only null.
    NoFunc,
    /// Any value that guests can inspect.
    Any,
    /// Any value whose identity can be compared.
    Eq,
    /// A 31-bit integer.
    I31,
    /// Any array.
    Array,
    /// An array of a type that a module defines.
    ConcreteArray,
    /// Any structure.
    Struct,
    /// A structure of a type that a module defines.
    ConcreteStruct,
    /// No value that guests can inspect: only null.
    None,
    /// Any exception.
    Exn,
    /// An exception of a type that a module defines.
    ConcreteExn,
    /// No exception: only null.
    NoExn,
    /// Any continuation.
    Cont,
    /// A continuation of a type that a module defines.
    ConcreteCont,
    /// No continuation: only null.
    NoCont,
}

impl ValType {
    /// A function or null.
    pub const FUNCREF: Self = Self::Ref(RefType::FUNCREF);
    /// A value of the host or null.
    pub const EXTERNREF: Self = Self::Ref(RefType::EXTERNREF);
    /// A value that guests can inspect, or null.
    pub const ANYREF: Self = Self::Ref(RefType::ANYREF);

    /// Whether this is a number.
    pub fn is_num(&self) -> bool {
        matches!(self, Self::I32 | Self::I64 | Self::F32 | Self::F64)
    }

    /// Whether this is a reference.
    pub fn is_ref(&self) -> bool {
        matches!(self, Self::Ref(_))
    }

    /// The type of a reference, if this is one.
    pub fn as_ref(&self) -> Option<&RefType> {
        if let Self::Ref(ty) = self { Some(ty) } else { None }
    }
}

impl RefType {
    /// A function or null.
    pub const FUNCREF: Self = Self::new(true, HeapType::Func);
    /// A value of the host or null.
    pub const EXTERNREF: Self = Self::new(true, HeapType::Extern);
    /// A value that guests can inspect, or null.
    pub const ANYREF: Self = Self::new(true, HeapType::Any);

    /// The type of references to this.
    pub const fn new(is_nullable: bool, heap_type: HeapType) -> Self {
        Self { is_nullable, heap_type }
    }

    /// Whether the reference can be null.
    pub fn is_nullable(&self) -> bool {
        self.is_nullable
    }

    /// The type of what it refers to.
    pub fn heap_type(&self) -> &HeapType {
        &self.heap_type
    }
}
