//! Puts what progenitor wrote on our runtime.
//!
//! Only names, headers and the making of the path are changed: which parameter travels where, and under which name,
//! stays what progenitor read in the document.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::quote;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Block, Expr, ExprCall, File, ImplItem, Item, ItemMod, Lit, Meta, Pat, Path, Stmt, Token,
    UseGroup, UseTree, parse_quote,
};

use super::facts::Facts;
use super::{ENUMS, not_rust, prepare};
use crate::error::Result;

/// What generated modules name of the runtime without a path.
const NAMES: [&str; 3] = ["ByteStream", "Error", "ResponseValue"];

/// What progenitor tells its hooks of an operation.
const OPERATION: &str = "OperationInfo";

/// The variable in which progenitor collects headers.
const HEADERS: &str = "header_map";

/// Names that stand for reqwest and for what goes with it.
const FOREIGN: [&str; 5] = ["reqwest", "progenitor_client", HEADERS, "baseurl", OPERATION];

/// `file` on the runtime of `ari-client`.
pub(super) fn rewrite(mut file: File, facts: &BTreeMap<String, Facts>) -> Result<File> {
    file.items.retain(|item| !is_replaced(item));
    file.items.splice(0..0, client());
    let mut rewriting = Rewriting {
        facts,
        depth: 0,
        described: BTreeSet::new(),
    };
    rewriting.visit_file_mut(&mut file);
    let described = rewriting.described;
    if let Some(missing) = facts.keys().find(|id| !described.contains(*id)) {
        let problem = format!("progenitor wrote no `{missing}`, or in another form");
        return Err(not_rust(&problem));
    }
    match foreign(quote!(#file)) {
        Some(name) => Err(not_rust(&format!(
            "progenitor wrote `{name}` where it is not replaced"
        ))),
        None => Ok(file),
    }
}

/// The first name in `tokens` of what our runtime stands in for.
fn foreign(tokens: TokenStream) -> Option<&'static str> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => foreign(group.stream()),
        TokenTree::Ident(name) => FOREIGN.into_iter().find(|known| name == *known),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

/// Whether `item` ties the client to reqwest: imports, the struct, its constructors, its hooks.
fn is_replaced(item: &Item) -> bool {
    match item {
        Item::Use(_) => true,
        Item::Struct(item) => item.ident == "Client",
        Item::Impl(item) => {
            let constructs = item
                .items
                .iter()
                .any(|item| matches!(item, ImplItem::Fn(method) if method.sig.ident == "new_with_client"));
            constructs || item.trait_.is_some()
        }
        _ => false,
    }
}

/// What stands in its place.
fn client() -> Vec<Item> {
    let file: File = parse_quote! {
        pub use ::ari_client::rt::progenitor::{ByteStream, Error, ResponseValue};

        /// The operations of a server. Each is prepared by a method and sent by `send`:
        /// `client.channels_get().channel_id("1").send().await`.
        #[derive(Clone, Debug)]
        pub struct Client {
            pub(crate) client: ::ari_client::rt::progenitor::Client,
        }

        impl Client {
            /// The operations of the server of `ari`, sent by its transport.
            #[must_use]
            pub fn new(ari: &::ari_client::Ari) -> Self {
                Self { client: ::ari_client::rt::progenitor::Client::new(ari) }
            }
        }
    };
    file.items
}

struct Rewriting<'f> {
    facts: &'f BTreeMap<String, Facts>,
    /// How many modules of the file are around.
    depth: usize,
    /// The operations that were met and understood.
    described: BTreeSet<String>,
}

impl VisitMut for Rewriting<'_> {
    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        self.depth += 1;
        visit_mut::visit_item_mod_mut(self, module);
        self.depth -= 1;
    }

    fn visit_use_group_mut(&mut self, group: &mut UseGroup) {
        if group.items.iter().any(|item| names(item, &[OPERATION])) {
            let items = std::mem::take(&mut group.items);
            group.items = items.into_iter().filter(|item| names(item, &NAMES)).collect();
        }
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        if let Some(moved) = self.moved(path) {
            *path = moved;
        }
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        let mut serde = false;
        for attribute in attributes.iter_mut() {
            serde |= self.derive(attribute);
            name_in_text(attribute);
        }
        if serde {
            attributes.push(parse_quote!(#[serde(crate = "::ari_client::rt::serde")]));
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        block
            .stmts
            .retain(|statement| !is_header(statement) && !is_hook(statement));
        self.describe(block);
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        while let Expr::MethodCall(call) = expression
            && (call.method == "header" || call.method == "headers")
        {
            *expression = (*call.receiver).clone();
        }
        match expression {
            Expr::Call(call) => name_parameter(call),
            Expr::MethodCall(call) if call.method == "exec" => {
                let client = &call.receiver;
                call.receiver = parse_quote!(#client.client);
            }
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expression);
    }
}

impl Rewriting<'_> {
    /// Where `path` leads in our runtime, if it leads out of the file.
    fn moved(&self, path: &Path) -> Option<Path> {
        let first = path.segments.first().filter(|_| path.segments.len() > 1)?;
        let rest = path.segments.iter().skip(1);
        let root = match first.ident.to_string().as_str() {
            "reqwest" | "progenitor_client" => quote!(::ari_client::rt::progenitor),
            "serde" => quote!(::ari_client::rt::serde),
            "serde_json" => quote!(::ari_client::rt::serde_json),
            ENUMS => {
                let up = (0..=self.depth).map(|_| quote!(super::));
                quote!(#(#up)*enums)
            }
            _ => return None,
        };
        Some(parse_quote!(#root #(::#rest)*))
    }

    /// Moves what `attribute` derives, and tells whether serde is in it.
    fn derive(&self, attribute: &mut Attribute) -> bool {
        if !attribute.path().is_ident("derive") {
            return false;
        }
        let Ok(paths) = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) else {
            return false;
        };
        let serde = paths
            .iter()
            .any(|path| path.segments.first().is_some_and(|first| first.ident == "serde"));
        let paths = paths
            .iter()
            .map(|path| self.moved(path).unwrap_or_else(|| path.clone()));
        *attribute = parse_quote!(#[derive(#(#paths),*)]);
        serde
    }

    /// Gives the statements that send an operation its path as data, and what the document has no words for.
    fn describe(&mut self, block: &mut Block) {
        let id = block
            .stmts
            .iter()
            .find_map(|statement| operation_id(initial(statement)?));
        let Some((id, facts)) = id.and_then(|id| self.facts.get_key_value(&id)) else {
            return;
        };
        for statement in &mut block.stmts {
            let Some(expression) = initial_mut(statement) else {
                continue;
            };
            if operation_id(expression).is_some() {
                let operation = &facts.operation;
                *expression = parse_quote!(#operation);
            } else if let Some(path) = path(expression, facts) {
                *expression = path;
                self.described.insert(id.clone());
            }
        }
    }
}

/// Whether `item` imports one of `known`.
fn names(item: &UseTree, known: &[&str]) -> bool {
    matches!(item, UseTree::Name(name) if known.iter().any(|known| name.ident == known))
}

/// What a variable is set to.
fn initial(statement: &Stmt) -> Option<&Expr> {
    match statement {
        Stmt::Local(local) => local.init.as_ref().map(|init| &*init.expr),
        _ => None,
    }
}

fn initial_mut(statement: &mut Stmt) -> Option<&mut Expr> {
    match statement {
        Stmt::Local(local) => local.init.as_mut().map(|init| &mut *init.expr),
        _ => None,
    }
}

/// The id in `OperationInfo { operation_id: ".." }`.
fn operation_id(expression: &Expr) -> Option<String> {
    let Expr::Struct(structure) = expression else {
        return None;
    };
    let field = structure
        .fields
        .first()
        .filter(|_| structure.path.is_ident(OPERATION))?;
    text(&field.expr)
}

/// The path that `format!("{}/channels/{}", client.baseurl, encode_path(&channel_id.to_string()))` makes, as data.
fn path(expression: &Expr, facts: &Facts) -> Option<Expr> {
    let Expr::Macro(format) = expression else {
        return None;
    };
    let parse = Punctuated::<Expr, Token![,]>::parse_terminated;
    let arguments = format
        .mac
        .parse_body_with(parse)
        .ok()
        .filter(|_| format.mac.path.is_ident("format"))?;
    let mut arguments = arguments.into_iter();
    let template = text(&arguments.next()?)?;
    // The base of the URL, which the transport knows.
    arguments.next()?;
    let values = arguments.map(|argument| match argument {
        Expr::Call(encode) => encode.args.first().cloned(),
        _ => None,
    });
    let values = values.collect::<Option<Vec<_>>>()?;
    let template = named(template.strip_prefix("{}")?, &facts.path, values.len())?;
    let values = values.into_iter().map(owned);
    Some(parse_quote!(::ari_client::rt::progenitor::Path::new(#template, [#(#values),*])))
}

fn owned(value: Expr) -> Expr {
    match value {
        Expr::Reference(reference) => *reference.expr,
        other => other,
    }
}

/// `template` with the names that its gaps have in `path`, if there are as many of both as of `values`.
fn named(template: &str, path: &str, values: usize) -> Option<String> {
    let mut names = path.split('/').filter(|part| part.starts_with('{'));
    let gaps = template.split('/').filter(|part| *part == "{}").count();
    if [gaps, names.clone().count()] != [values; 2] {
        return None;
    }
    let parts = template.split('/').map(|part| match part {
        "{}" => names.next(),
        literal => Some(literal),
    });
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

/// Whether the statement makes headers: ARI has none but those of the transport.
fn is_header(statement: &Stmt) -> bool {
    match statement {
        Stmt::Local(local) => matches!(&local.pat, Pat::Ident(name) if name.ident == HEADERS),
        Stmt::Expr(Expr::MethodCall(call), _) => {
            matches!(&*call.receiver, Expr::Path(path) if path.path.is_ident(HEADERS))
        }
        _ => false,
    }
}

/// Whether the statement runs a hook: who wants to see requests and replies has transports for it.
fn is_hook(statement: &Stmt) -> bool {
    let Stmt::Expr(Expr::Try(tried), _) = statement else {
        return false;
    };
    let Expr::Await(awaited) = &*tried.expr else {
        return false;
    };
    matches!(&*awaited.base, Expr::MethodCall(call) if call.method == "pre" || call.method == "post")
}

/// Gives a query parameter its name on the wire.
fn name_parameter(call: &mut ExprCall) {
    let is_parameter = matches!(&*call.func, Expr::Path(path) if path.path.segments.iter().any(|segment| segment.ident == "QueryParam"));
    if let Some(name) = call.args.first_mut().filter(|_| is_parameter)
        && let Some(ours) = text(name)
    {
        let wire = prepare::wire_name(&ours);
        *name = parse_quote!(#wire);
    }
}

/// Moves the paths that serde's attributes hold as text.
fn name_in_text(attribute: &mut Attribute) {
    if attribute.path().is_ident("serde")
        && let Meta::List(list) = &mut attribute.meta
    {
        list.tokens = list.tokens.clone().into_iter().map(move_text).collect();
    }
}

fn move_text(token: TokenTree) -> TokenTree {
    let TokenTree::Literal(literal) = &token else {
        return token;
    };
    let moved = literal
        .to_string()
        .replace("\"::serde_json::", "\"::ari_client::rt::serde_json::");
    moved.parse::<Literal>().map_or(token, TokenTree::Literal)
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests;
