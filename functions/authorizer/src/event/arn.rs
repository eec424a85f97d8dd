//! What a request asks for, as API Gateway names it.

use shared::route_roles::Path;

/// `arn:partition:execute-api:region:account:api/stage/resource`, where the resource is `METHOD/path` or `$connect`.
///
/// No part before the resource holds a wildcard, so a policy for the stage is one for that stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    text: &'a str,
    /// All up to the resource, the slash before it included.
    before: &'a str,
    stage: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        let (arn, partition, service) = (next()?, next()?, next()?);
        let (region, account) = (next()?, next()?);
        let mut path = next()?.splitn(3, '/');
        let (api, stage, resource) = (path.next()?, path.next()?, path.next()?);
        let is_plain = [partition, region, account, api].into_iter().all(is_word);
        let is_ours =
            arn == "arn" && service == "execute-api" && is_plain && (is_word(stage) || stage == "$default");
        let before = text.strip_suffix(resource)?;
        (is_ours && !resource.is_empty()).then_some(Self { text, before, stage, resource })
    }

    /// The whole of it.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// What a policy denies that is to deny this one request: every one of the stage if it would read a wildcard or a
    /// variable there.
    pub(crate) fn denied_resource(&self) -> String {
        let means_more = self.resource.contains(['*', '?']) || self.resource.contains("${");
        if means_more { self.whole_stage() } else { self.text.to_owned() }
    }

    /// Every method and path, or every route, of the stage.
    pub(crate) fn whole_stage(&self) -> String {
        format!("{}*", self.before)
    }

    /// What stands behind the stage.
    pub(super) fn resource(&self) -> &'a str {
        self.resource
    }

    /// The method and the path of an HTTP request.
    pub(super) fn method_and_path(&self) -> Option<(&'a str, Path)> {
        let at = self.resource.find('/')?;
        let (method, path) = self.resource.split_at_checked(at)?;
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_method { Some((method, Path::parse(path)?)) } else { None }
    }

    /// Whether a request for the path `said`, as the event has it, is one for `path`, as this has it: the same, or
    /// behind a stage or a custom domain's mapping. Every path ends with that of the root, so there only the stage counts.
    pub(super) fn agrees(&self, path: &Path, said: &Path) -> bool {
        let at_root = || said.is_root() || Path::parse(&format!("/{}", self.stage)).as_ref() == Some(said);
        if path.is_root() { at_root() } else { said.ends_with(path) }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
