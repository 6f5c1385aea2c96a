//! Owns the syntax tree: nodes in the order of the text, which are also the bytes that plug-ins get.

use std::fmt;
use std::iter::Peekable;
use std::str::CharIndices;

use anyhow::{Context, Result, bail, ensure};

/// The version of the format of trees. Plug-ins for it and for older ones can be used.
pub const SCHEMA: u32 = 2;

/// The greatest depth of a tree. Trees are visited by recursion.
const DEPTH: usize = 200;

/// The kind of a node, by its number in the bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Program = 1,
    Let = 2,
    Call = 3,
    Identifier = 4,
    Number = 5,
}

/// A node: the children follow it.
#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    children: u8,
    offset: u32,
    text: String,
}

/// The tree of a file.
#[derive(Clone, Debug)]
pub struct Tree(Vec<Node>);

impl Kind {
    /// The kind with this number.
    pub fn of(number: i32) -> Option<Self> {
        let all = [Self::Program, Self::Let, Self::Call, Self::Identifier, Self::Number];
        all.into_iter().find(|kind| *kind as i32 == number)
    }
}

impl Tree {
    /// Reads a file: `let NAME = VALUE` or a value in each line, where a value is a number, a name, or a call.
    pub fn parse(source: &str) -> Result<Self> {
        let mut parser = Parser { nodes: Vec::new(), chars: source.char_indices().peekable(), source, depth: 0 };
        let program = parser.open(Kind::Program, 0, "");
        parser.skip(char::is_whitespace);
        while parser.chars.peek().is_some() {
            parser.statement()?;
            parser.child(program)?;
            parser.skip(char::is_whitespace);
        }
        Ok(Self(parser.nodes))
    }

    /// The bytes of the tree.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for node in &self.0 {
            bytes.extend([node.kind as u8, node.children]);
            bytes.extend(u16::try_from(node.text.len()).context("a name is too long")?.to_le_bytes());
            bytes.extend(node.offset.to_le_bytes());
            bytes.extend(node.text.as_bytes());
        }
        Ok(bytes)
    }

    /// The tree of these bytes, which a plug-in may have written.
    pub fn from_bytes(mut bytes: &[u8]) -> Result<Self> {
        let mut nodes = Vec::new();
        while let Some((&[kind, children, low, high, a, b, c, d], rest)) = bytes.split_first_chunk::<8>() {
            let kind = Kind::of(kind.into()).with_context(|| format!("there is no node of the kind {kind}"))?;
            let length = usize::from(u16::from_le_bytes([low, high]));
            let (text, rest) = rest.split_at_checked(length).context("the tree ends within a node")?;
            let text = String::from_utf8(text.to_vec()).context("the text of a node is not UTF-8")?;
            nodes.push(Node { kind, children, offset: u32::from_le_bytes([a, b, c, d]), text });
            bytes = rest;
        }
        ensure!(bytes.is_empty(), "the tree ends within a node");
        check(&nodes)?;
        Ok(Self(nodes))
    }
}

/// Checks that each node has the children that its kind needs, and that the tree is not too deep.
fn check(nodes: &[Node]) -> Result<()> {
    // For each node around the next one, the number of its children that are still to come.
    let mut missing = vec![1_u8];
    for node in nodes {
        while missing.last() == Some(&0) {
            missing.pop();
        }
        let depth = missing.len();
        let siblings = missing.last_mut().context("the tree has nodes after its end")?;
        *siblings -= 1;
        let fits = match node.kind {
            Kind::Program => depth == 1,
            Kind::Let => node.children == 2,
            Kind::Call => node.children > 0,
            Kind::Identifier | Kind::Number => node.children == 0,
        };
        ensure!(fits, "a node {:?} cannot have {} children at depth {depth}", node.kind, node.children);
        ensure!(depth <= DEPTH, "the tree is deeper than {DEPTH} levels");
        missing.push(node.children);
    }
    ensure!(missing.iter().all(|missing| *missing == 0), "the tree ends within a node");
    Ok(())
}

impl fmt::Display for Tree {
    /// The text of the tree: one statement in each line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut nodes = self.0.iter();
        let statements = nodes.next().map_or(0, |program| program.children);
        (0..statements).try_for_each(|_| {
            write_node(&mut nodes, f)?;
            writeln!(f)
        })
    }
}

fn write_node<'a>(nodes: &mut impl Iterator<Item = &'a Node>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(node) = nodes.next() else { return Ok(()) };
    let (before, between, after) = match node.kind {
        Kind::Let => ("let ", " = ", ""),
        Kind::Call => ("(", ", ", ")"),
        _ => ("", "", ""),
    };
    if node.kind == Kind::Call {
        write_node(nodes, f)?;
    }
    write!(f, "{before}{}", node.text)?;
    for child in u8::from(node.kind == Kind::Call)..node.children {
        if child > u8::from(node.kind == Kind::Call) {
            f.write_str(between)?;
        }
        write_node(nodes, f)?;
    }
    f.write_str(after)
}

struct Parser<'a> {
    nodes: Vec<Node>,
    chars: Peekable<CharIndices<'a>>,
    source: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn statement(&mut self) -> Result<()> {
        let (offset, word) = self.word()?;
        if word != "let" {
            return self.value(offset, word);
        }
        let statement = self.open(Kind::Let, offset, "");
        let (offset, name) = self.word()?;
        self.open(Kind::Identifier, offset, name);
        self.child(statement)?;
        self.expect('=')?;
        let (offset, word) = self.word()?;
        self.value(offset, word)?;
        self.child(statement)
    }

    fn value(&mut self, offset: usize, word: &str) -> Result<()> {
        self.skip(|char| char == ' ');
        if self.chars.next_if(|(_, char)| *char == '(').is_none() {
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
            self.open(if is_number { Kind::Number } else { Kind::Identifier }, offset, word);
            return Ok(());
        }
        self.depth += 1;
        ensure!(self.depth < DEPTH / 2, "too many calls within one another at {offset}");
        let call = self.open(Kind::Call, offset, "");
        self.open(Kind::Identifier, offset, word);
        self.child(call)?;
        loop {
            self.skip(|char| char == ' ' || char == ',');
            if self.chars.next_if(|(_, char)| *char == ')').is_some() {
                self.depth -= 1;
                return Ok(());
            }
            let (offset, word) = self.word()?;
            self.value(offset, word)?;
            self.child(call)?;
        }
    }

    fn word(&mut self) -> Result<(usize, &'a str)> {
        self.skip(|char| char == ' ');
        let start = self.chars.peek().map_or(self.source.len(), |(at, _)| *at);
        self.skip(|char| char.is_ascii_alphanumeric() || char == '_');
        let end = self.chars.peek().map_or(self.source.len(), |(at, _)| *at);
        match self.source.get(start..end) {
            Some(word) if !word.is_empty() => Ok((start, word)),
            _ => bail!("a name or a number is expected at {start}"),
        }
    }

    fn expect(&mut self, expected: char) -> Result<()> {
        self.skip(|char| char == ' ');
        match self.chars.next() {
            Some((_, char)) if char == expected => Ok(()),
            _ => bail!("`{expected}` is expected"),
        }
    }

    fn skip(&mut self, skipped: impl Fn(char) -> bool) {
        while self.chars.next_if(|(_, char)| skipped(*char)).is_some() {}
    }

    /// Adds a node, and returns its index.
    fn open(&mut self, kind: Kind, offset: usize, text: &str) -> usize {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        self.nodes.push(Node { kind, children: 0, offset, text: text.to_owned() });
        self.nodes.len() - 1
    }

    /// Counts one more child of a node.
    fn child(&mut self, index: usize) -> Result<()> {
        let node = self.nodes.get_mut(index).context("there is no such node")?;
        node.children = node.children.checked_add(1).context("a node has too many children")?;
        Ok(())
    }
}
