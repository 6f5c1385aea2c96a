//! Random types and values of components: every kind of WIT that every major has, from a seed.

use std::fmt::Write;

use wasmtime_compat::component::Val;

/// A generator of pseudo-random numbers: the same numbers for the same seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// A type of WIT. Those with names are defined in [`Types::definitions`].
#[derive(Clone, Debug)]
pub enum Type {
    /// `bool`, a number, `char` or `string`.
    Plain(&'static str),
    /// `list<…>`
    List(Box<Type>),
    /// `option<…>`
    Option(Box<Type>),
    /// `result<…>`
    Result(Option<Box<Type>>, Option<Box<Type>>),
    /// `tuple<…>`
    Tuple(Vec<Type>),
    /// The name, and the types of the fields `f0`, `f1` and so on.
    Record(String, Vec<Type>),
    /// The name, and the types of the cases `c0`, `c1` and so on.
    Variant(String, Vec<Option<Type>>),
    /// The name, and the number of cases `c0`, `c1` and so on.
    Enum(String, u64),
    /// The name, and the number of flags `b0`, `b1` and so on.
    Flags(String, u64),
}

/// A generator of types.
#[derive(Debug)]
pub struct Types {
    random: Random,
    /// The definitions of the types with names, in WIT.
    pub definitions: String,
    count: usize,
}

const PLAIN: [&str; 13] =
    ["bool", "u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "char", "string"];

impl Random {
    /// A generator with this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end
    }

    /// A number that often is at a limit of its type: the upper bits of the result matter least.
    fn edge(&mut self) -> u64 {
        match self.below(6) {
            0 => 0,
            1 => u64::MAX,
            2 => 1 << 63,
            3 => 0x7fff_7fff_7fff_7f7f,
            _ => self.number(),
        }
    }

    /// A text with characters of one to four bytes.
    pub fn text(&mut self) -> String {
        let length = match self.below(8) {
            0 => 0,
            1 => 200 + self.below(2000),
            _ => self.below(12),
        };
        (0..length).map(|_| self.char()).collect()
    }

    /// A character.
    pub fn char(&mut self) -> char {
        const EDGES: [char; 8] = ['\0', '\u{7f}', '\u{80}', '\u{7ff}', '\u{800}', '\u{ffff}', '\u{10000}', char::MAX];
        match self.below(4) {
            0 => EDGES[self.below(8) as usize],
            1 => char::from_u32(self.below(0x11_0000) as u32).unwrap_or('\u{d7ff}'),
            _ => char::from(b' ' + self.below(95) as u8),
        }
    }

    /// A list of values, at most nine.
    pub fn list<T>(&mut self, mut value: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.below(10)).map(|_| value(self)).collect()
    }

    /// A float that is a number.
    pub fn float(&mut self) -> f64 {
        match self.below(6) {
            0 => 0.0,
            1 => -0.0,
            2 => f64::INFINITY,
            3 => f64::MIN_POSITIVE,
            _ => Some(f64::from_bits(self.number())).filter(|float| !float.is_nan()).unwrap_or(f64::MAX),
        }
    }

    /// A value of this type.
    #[allow(clippy::cast_possible_wrap, reason = "any bits are a number")]
    pub fn value(&mut self, ty: &Type) -> Val {
        match ty {
            Type::Plain(name) => match *name {
                "bool" => Val::Bool(self.below(2) == 1),
                "u8" => Val::U8(self.edge() as u8),
                "s8" => Val::S8(self.edge() as i8),
                "u16" => Val::U16(self.edge() as u16),
                "s16" => Val::S16(self.edge() as i16),
                "u32" => Val::U32(self.edge() as u32),
                "s32" => Val::S32(self.edge() as i32),
                "u64" => Val::U64(self.edge()),
                "s64" => Val::S64(self.edge() as i64),
                "f32" => Val::Float32(self.float() as f32),
                "f64" => Val::Float64(self.float()),
                "char" => Val::Char(self.char()),
                _ => Val::String(self.text()),
            },
            Type::List(ty) => Val::List(self.list(|random| random.value(ty))),
            Type::Option(ty) => Val::Option(self.maybe(ty)),
            Type::Result(ok, error) => {
                let is_ok = self.below(2) == 0;
                let payload = if is_ok { ok } else { error };
                let value = payload.as_deref().map(|ty| Box::new(self.value(ty)));
                Val::Result(if is_ok { Ok(value) } else { Err(value) })
            }
            Type::Tuple(types) => Val::Tuple(types.iter().map(|ty| self.value(ty)).collect()),
            Type::Record(_, fields) => {
                let fields = fields.iter().enumerate();
                Val::Record(fields.map(|(index, ty)| (format!("f{index}"), self.value(ty))).collect())
            }
            Type::Variant(_, cases) => {
                let index = self.below(cases.len() as u64) as usize;
                let value = cases[index].as_ref().map(|ty| Box::new(self.value(ty)));
                Val::Variant(format!("c{index}"), value)
            }
            Type::Enum(_, cases) => Val::Enum(format!("c{}", self.below(*cases))),
            Type::Flags(_, flags) => {
                let set = self.edge();
                Val::Flags((0..*flags).filter(|flag| set >> flag & 1 == 1).map(|flag| format!("b{flag}")).collect())
            }
        }
    }

    fn maybe(&mut self, ty: &Type) -> Option<Box<Val>> {
        (self.below(3) != 0).then(|| Box::new(self.value(ty)))
    }
}

impl Type {
    /// The type where it is used, in WIT.
    pub fn wit(&self) -> String {
        match self {
            Self::Plain(name) => (*name).to_owned(),
            Self::List(ty) => format!("list<{}>", ty.wit()),
            Self::Option(ty) => format!("option<{}>", ty.wit()),
            Self::Result(None, None) => "result".to_owned(),
            Self::Result(ok, None) => format!("result<{}>", optional(ok.as_deref())),
            Self::Result(ok, error) => {
                format!("result<{}, {}>", optional(ok.as_deref()), optional(error.as_deref()))
            }
            Self::Tuple(types) => {
                format!("tuple<{}>", types.iter().map(Self::wit).collect::<Vec<_>>().join(", "))
            }
            Self::Record(name, _) | Self::Variant(name, _) | Self::Enum(name, _) | Self::Flags(name, _) => name.clone(),
        }
    }
}

fn optional(ty: Option<&Type>) -> String {
    ty.map_or_else(|| "_".to_owned(), Type::wit)
}

impl Types {
    /// A generator with this seed.
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), definitions: String::new(), count: 0 }
    }

    /// A type at most this deep.
    pub fn any(&mut self, depth: u64) -> Type {
        let kinds = if depth == 0 { 3 } else { 12 };
        match self.random.below(kinds) {
            0 => Type::Enum(self.name("e"), 1 + self.random.below(6) + self.random.below(2) * 255),
            1 => Type::Flags(self.name("g"), 1 + self.random.below(32)),
            2 | 3 => Type::Plain(PLAIN[self.random.below(PLAIN.len() as u64) as usize]),
            4 | 5 => Type::List(Box::new(self.any(depth - 1))),
            6 => Type::Option(Box::new(self.any(depth - 1))),
            7 => Type::Result(self.maybe(depth), self.maybe(depth)),
            8 => Type::Tuple((0..=self.random.below(4)).map(|_| self.any(depth - 1)).collect()),
            9 | 10 => Type::Record(self.name("r"), (0..=self.random.below(6)).map(|_| self.any(depth - 1)).collect()),
            _ => {
                let cases = (0..=self.random.below(5)).map(|_| self.maybe(depth).map(|ty| *ty)).collect();
                Type::Variant(self.name("v"), cases)
            }
        }
        .defined(&mut self.definitions)
    }

    fn maybe(&mut self, depth: u64) -> Option<Box<Type>> {
        (self.random.below(4) != 0).then(|| Box::new(self.any(depth - 1)))
    }

    fn name(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}{}", self.count)
    }
}

impl Type {
    /// The type, after its definition is added.
    fn defined(self, definitions: &mut String) -> Self {
        let list = |items: Vec<String>| items.join(", ");
        let numbered = |prefix: &str, count: u64| list((0..count).map(|index| format!("{prefix}{index}")).collect());
        let definition = match &self {
            Self::Record(name, fields) => {
                let fields = fields.iter().enumerate().map(|(index, ty)| format!("f{index}: {}", ty.wit()));
                format!("record {name} {{ {} }}", list(fields.collect()))
            }
            Self::Variant(name, cases) => {
                let cases = cases.iter().enumerate().map(|(index, ty)| match ty {
                    Some(ty) => format!("c{index}({})", ty.wit()),
                    None => format!("c{index}"),
                });
                format!("variant {name} {{ {} }}", list(cases.collect()))
            }
            Self::Enum(name, cases) => format!("enum {name} {{ {} }}", numbered("c", *cases)),
            Self::Flags(name, flags) => format!("flags {name} {{ {} }}", numbered("b", *flags)),
            _ => return self,
        };
        writeln!(definitions, "{definition}").expect("a string");
        self
    }
}
