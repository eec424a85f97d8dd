//! The target of a request, as API Gateway names it.

use shared::route_roles::Path;

/// `arn:partition:execute-api:region:account:api/stage/resource`, where the resource is `METHOD/path` or `$connect`.
///
/// No part before the resource contains a wildcard, so a policy for the stage applies to that stage only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    text: &'a str,
    /// Everything before the resource, including the slash.
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

    /// Returns the whole ARN.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the `Resource` of a Deny policy for this request: the whole stage if IAM would read a wildcard or a
    /// variable in the ARN.
    pub(crate) fn denied_resource(&self) -> String {
        let means_more = self.resource.contains(['*', '?']) || self.resource.contains("${");
        if means_more { self.whole_stage() } else { self.text.to_owned() }
    }

    /// Returns the resource for every method and path, or every route, of the stage.
    pub(crate) fn whole_stage(&self) -> String {
        format!("{}*", self.before)
    }

    /// Returns the part after the stage.
    pub(super) fn resource(&self) -> &'a str {
        self.resource
    }

    /// Returns the method and the path of an HTTP request.
    pub(super) fn method_and_path(&self) -> Option<(&'a str, Path)> {
        let at = self.resource.find('/')?;
        let (method, path) = self.resource.split_at_checked(at)?;
        let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        if is_method { Some((method, Path::parse(path)?)) } else { None }
    }

    /// Returns whether a request for the path `said` of the event is one for `path` of the ARN: the same, or
    /// after a stage or a mapping of a custom domain. Every path ends with that of the root, so for the root only the
    /// stage is allowed.
    pub(super) fn agrees(&self, path: &Path, said: &Path) -> bool {
        let at_root = || said.is_root() || Path::parse(&format!("/{}", self.stage)).as_ref() == Some(said);
        if path.is_root() { at_root() } else { said.ends_with(path) }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
