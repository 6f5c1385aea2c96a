//! Owns the types of what modules import and export, as plain data that belongs to no major.

mod import;
mod text;
mod value;

pub use self::import::{ExportType, ImportType};
pub use self::value::{HeapType, RefType, ValType};
use crate::error::{Error, ErrorKind, Result};

/// The type of an import or an export of a core module.
///
/// ```
/// use wasmtime_compat::{ExternType, FuncType, ValType};
///
/// let add = ExternType::from(FuncType::new([ValType::I32, ValType::I32], [ValType::I32]));
/// assert_eq!(add.func().map(|ty| ty.params().len()), Some(2));
/// assert_eq!(add.to_string(), "(func (param i32 i32) (result i32))");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ExternType {
    /// A function.
    Func(FuncType),
    /// A global.
    Global(GlobalType),
    /// A table.
    Table(TableType),
    /// A memory.
    Memory(MemoryType),
    /// A tag of exceptions; majors up to 30 have no tags.
    Tag(TagType),
}

/// The type of a core function: its parameters and its results.
///
/// Unlike Wasmtime's own type it belongs to no engine.
///
/// ```
/// use wasmtime_compat::{FuncType, ValType};
///
/// let ty = FuncType::new([ValType::I64], []);
/// assert_eq!(ty.param(0), Some(ValType::I64));
/// assert_eq!(ty.to_string(), "(func (param i64))");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct FuncType {
    params: Box<[ValType]>,
    results: Box<[ValType]>,
}

/// The type of a global: the type of its value, and whether the value can change.
///
/// ```
/// use wasmtime_compat::{GlobalType, Mutability, ValType};
///
/// let ty = GlobalType::new(ValType::I32, Mutability::Var);
/// assert!(ty.mutability().is_var());
/// assert_eq!(ty.to_string(), "(global (mut i32))");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct GlobalType {
    content: ValType,
    mutability: Mutability,
}

/// Whether the value of a global can change.
///
/// ```
/// use wasmtime_compat::{GlobalType, Mutability, ValType};
///
/// let ty = GlobalType::new(ValType::F64, Mutability::Const);
/// assert!(ty.mutability().is_const());
/// assert_eq!(ty.to_string(), "(global f64)");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mutability {
    /// The value stays as it was at instantiation.
    Const,
    /// The value can change.
    Var,
}

/// The type of a table: the type of its elements, and its size in elements.
///
/// ```
/// use wasmtime_compat::{RefType, TableType};
///
/// let ty = TableType::new(RefType::FUNCREF, 1, Some(10));
/// assert_eq!((ty.minimum(), ty.maximum()), (1, Some(10)));
/// assert_eq!(ty.to_string(), "(table 1 10 funcref)");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct TableType {
    element: RefType,
    minimum: u64,
    maximum: Option<u64>,
    is_64: bool,
}

/// The type of a linear memory: its size in pages, and how it is addressed.
///
/// A type is not checked when it is made but when a memory is made of it; [`MemoryTypeBuilder::build`] checks at once.
///
/// ```
/// use wasmtime_compat::MemoryType;
///
/// let ty = MemoryType::new(1, Some(2));
/// assert_eq!((ty.minimum(), ty.maximum(), ty.page_size()), (1, Some(2), 65_536));
/// assert_eq!(ty.to_string(), "(memory 1 2)");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct MemoryType {
    minimum: u64,
    maximum: Option<u64>,
    is_64: bool,
    is_shared: bool,
    page_size_log2: u8,
}

/// Makes a [`MemoryType`] in steps.
///
/// ```
/// use wasmtime_compat::MemoryType;
///
/// let ty = MemoryType::builder().min(1).max(Some(10)).memory64(true).build()?;
/// assert!(ty.is_64());
/// assert!(MemoryType::builder().min(2).max(Some(1)).build().is_err());
/// # Ok::<(), wasmtime_compat::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryTypeBuilder {
    ty: MemoryType,
}

/// The type of a tag: the function type whose parameters are the values of its exceptions.
///
/// ```
/// use wasmtime_compat::{FuncType, TagType, ValType};
///
/// let ty = TagType::new(FuncType::new([ValType::I32], []));
/// assert_eq!(ty.ty().param(0), Some(ValType::I32));
/// assert_eq!(ty.to_string(), "(tag (param i32))");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct TagType {
    ty: FuncType,
}

impl ExternType {
    /// The type of a function, if this is one.
    pub fn func(&self) -> Option<&FuncType> {
        if let Self::Func(ty) = self { Some(ty) } else { None }
    }

    /// The type of a global, if this is one.
    pub fn global(&self) -> Option<&GlobalType> {
        if let Self::Global(ty) = self { Some(ty) } else { None }
    }

    /// The type of a table, if this is one.
    pub fn table(&self) -> Option<&TableType> {
        if let Self::Table(ty) = self { Some(ty) } else { None }
    }

    /// The type of a memory, if this is one.
    pub fn memory(&self) -> Option<&MemoryType> {
        if let Self::Memory(ty) = self { Some(ty) } else { None }
    }

    /// The type of a tag, if this is one.
    pub fn tag(&self) -> Option<&TagType> {
        if let Self::Tag(ty) = self { Some(ty) } else { None }
    }
}

impl FuncType {
    /// The type of functions with these parameters and results.
    pub fn new(params: impl IntoIterator<Item = ValType>, results: impl IntoIterator<Item = ValType>) -> Self {
        Self { params: params.into_iter().collect(), results: results.into_iter().collect() }
    }

    /// The types of the parameters.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.params.iter().cloned()
    }

    /// The type of one parameter, if there are as many.
    pub fn param(&self, index: usize) -> Option<ValType> {
        self.params.get(index).cloned()
    }

    /// The types of the results.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        self.results.iter().cloned()
    }

    /// The type of one result, if there are as many.
    pub fn result(&self, index: usize) -> Option<ValType> {
        self.results.get(index).cloned()
    }
}

impl GlobalType {
    /// The type of globals with values of this type.
    pub fn new(content: ValType, mutability: Mutability) -> Self {
        Self { content, mutability }
    }

    /// The type of the value.
    pub fn content(&self) -> &ValType {
        &self.content
    }

    /// Whether the value can change.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }
}

impl Mutability {
    /// Whether the value stays as it is.
    pub fn is_const(self) -> bool {
        self == Self::Const
    }

    /// Whether the value can change.
    pub fn is_var(self) -> bool {
        self == Self::Var
    }
}

impl TableType {
    /// The type of tables with at least `minimum` and at most `maximum` elements, which have 32-bit indices.
    pub fn new(element: RefType, minimum: u32, maximum: Option<u32>) -> Self {
        Self { element, minimum: minimum.into(), maximum: maximum.map(Into::into), is_64: false }
    }

    /// The type of tables with 64-bit indices; majors up to 25 have none.
    pub fn new64(element: RefType, minimum: u64, maximum: Option<u64>) -> Self {
        Self { element, minimum, maximum, is_64: true }
    }

    pub(crate) fn from_parts(element: RefType, minimum: u64, maximum: Option<u64>, is_64: bool) -> Self {
        Self { element, minimum, maximum, is_64 }
    }

    /// Refuses what no major accepts.
    pub(crate) fn check(&self) -> Result<()> {
        match self.maximum {
            Some(maximum) if maximum < self.minimum => {
                let text = format!("the minimum, {} elements, is greater than the maximum, {maximum}", self.minimum);
                Err(Error::new(ErrorKind::InvalidArgument, format!("invalid table type: {text}")))
            }
            _ => Ok(()),
        }
    }

    /// Whether the indices are 64 bits wide.
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    /// The type of the elements.
    pub fn element(&self) -> &RefType {
        &self.element
    }

    /// The least number of elements.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// The greatest number of elements, if it is bounded.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }
}

impl MemoryType {
    /// The type of memories with at least `minimum` and at most `maximum` pages of 64 KiB and 32-bit addresses.
    pub fn new(minimum: u32, maximum: Option<u32>) -> Self {
        let (minimum, maximum) = (minimum.into(), maximum.map(Into::into));
        Self { minimum, maximum, is_64: false, is_shared: false, page_size_log2: 16 }
    }

    /// As [`MemoryType::new`], with 64-bit addresses.
    pub fn new64(minimum: u64, maximum: Option<u64>) -> Self {
        Self { minimum, maximum, is_64: true, ..Self::new(0, None) }
    }

    /// As [`MemoryType::new`], for memories that threads share.
    pub fn shared(minimum: u32, maximum: u32) -> Self {
        Self { is_shared: true, ..Self::new(minimum, Some(maximum)) }
    }

    pub(crate) fn from_parts(
        minimum: u64,
        maximum: Option<u64>,
        is_64: bool,
        is_shared: bool,
        page_size_log2: u8,
    ) -> Self {
        Self { minimum, maximum, is_64, is_shared, page_size_log2 }
    }

    /// Starts a type that is 32-bit, not shared, with no pages and without a maximum.
    pub fn builder() -> MemoryTypeBuilder {
        MemoryTypeBuilder::new()
    }

    /// Whether the addresses are 64 bits wide.
    pub fn is_64(&self) -> bool {
        self.is_64
    }

    /// Whether threads can share the memory.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// The least number of pages.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// The greatest number of pages, if it is bounded.
    pub fn maximum(&self) -> Option<u64> {
        self.maximum
    }

    /// The size of a page in bytes.
    pub fn page_size(&self) -> u64 {
        1 << self.page_size_log2
    }

    /// The size of a page in bytes, as a power of two.
    pub fn page_size_log2(&self) -> u8 {
        self.page_size_log2
    }

    /// Refuses what no major accepts, and what some majors panic for.
    pub(crate) fn check(&self) -> Result<()> {
        let invalid =
            |what: String| Err(Error::new(ErrorKind::InvalidArgument, format!("invalid memory type: {what}")));
        if !matches!(self.page_size_log2, 0 | 16) {
            return invalid(format!("the page size must be 1 or 65536 bytes, and is 2^{}", self.page_size_log2));
        }
        let (pages, last) = (self.maximum.unwrap_or(self.minimum), self.minimum.max(self.maximum.unwrap_or(0)));
        if self.minimum > pages {
            return invalid(format!("the minimum, {} pages, is greater than the maximum, {pages}", self.minimum));
        }
        let most = u128::from(last) << self.page_size_log2;
        let width = if self.is_64 { 64 } else { 32 };
        if most > 1 << width {
            return invalid(format!("{last} pages need more than {width} bits for an address"));
        }
        match self.maximum {
            None if self.is_shared => invalid("a shared memory must have a maximum".to_owned()),
            _ => Ok(()),
        }
    }
}

impl MemoryTypeBuilder {
    /// Starts a type that is 32-bit, not shared, with no pages and without a maximum.
    pub fn new() -> Self {
        Self { ty: MemoryType::new(0, None) }
    }

    /// Sets the least number of pages.
    pub fn min(&mut self, minimum: u64) -> &mut Self {
        self.ty.minimum = minimum;
        self
    }

    /// Sets the greatest number of pages.
    pub fn max(&mut self, maximum: Option<u64>) -> &mut Self {
        self.ty.maximum = maximum;
        self
    }

    /// Sets whether the addresses are 64 bits wide.
    pub fn memory64(&mut self, memory64: bool) -> &mut Self {
        self.ty.is_64 = memory64;
        self
    }

    /// Sets whether threads can share the memory.
    pub fn shared(&mut self, shared: bool) -> &mut Self {
        self.ty.is_shared = shared;
        self
    }

    /// Sets the size of a page in bytes, as a power of two: 16, or 0 with the proposal `custom-page-sizes`.
    pub fn page_size_log2(&mut self, page_size_log2: u8) -> &mut Self {
        self.ty.page_size_log2 = page_size_log2;
        self
    }

    /// The type.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if the minimum is greater than the maximum, if the maximum cannot be addressed, if a shared
    /// memory has no maximum, or if the page size is not one that exists.
    pub fn build(&self) -> Result<MemoryType> {
        self.ty.check()?;
        Ok(self.ty.clone())
    }
}

impl Default for MemoryTypeBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl TagType {
    /// The type of tags whose exceptions have the parameters of this type as values.
    pub fn new(ty: FuncType) -> Self {
        Self { ty }
    }

    /// The function type.
    pub fn ty(&self) -> &FuncType {
        &self.ty
    }
}
