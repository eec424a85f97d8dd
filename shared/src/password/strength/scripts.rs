//! Scripts other than Latin, and languages other than English: their commonest passwords, which zxcvbn does not know.

use unicode_normalization::UnicodeNormalization;

/// Words for "password" and other common passwords, in lower case and NFKC.
const COMMON: [&str; 48] = [
    "пароль",
    "привет",
    "любовь",
    "солнышко",
    "секрет",
    "наташа",
    "максим",
    "андрей",
    "зенит",
    "спартак",
    "парола",
    "лозинка",
    "қазақстан",
    "κωδικος",
    "κωδικός",
    "σαγαπω",
    "סיסמה",
    "סיסמא",
    "אהבה",
    "كلمةالسر",
    "كلمة السر",
    "كلمة المرور",
    "الله",
    "محمد",
    "密码",
    "密碼",
    "我爱你",
    "我的密码",
    "パスワード",
    "ぱすわーど",
    "あいしてる",
    "비밀번호",
    "사랑해",
    "รหัสผ่าน",
    "पासवर्ड",
    "գաղտնաբառ",
    "كلمةالمرور",
    "contraseña",
    "lösenord",
    "mật khẩu",
    "mậtkhẩu",
    "mot de passe",
    "şifre",
    "hasło",
    "jelszó",
    "slaptažodis",
    "lykilorð",
    "mật mã",
];

/// The keys of a Latin keyboard, and the characters that they type in other layouts.
const LAYOUTS: [(&str, &str); 5] = [
    ("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё"),
    ("qwertyuiop[]asdfghjkl;'zxcvbnm,.", "йцукенгшщзхїфівапролджєячсмитьбю"),
    ("wertyuiopasdfghjklzxcvbnm", "ςερτυθιοπασδφγηξκλζχψωβνμ"),
    ("ertyuiopasdfghjkl;zxcvbnm,.", "קראטוןםפשדגכעיחלךףזסבהנמצתץ"),
    ("qwertyuiop[]asdfghjkl;'zxcvnm,./", "ضصثقفغعهخحجدشسيبلاتنمكطئءؤرىةوزظ"),
];

/// The keys of the parts of Korean syllables, by their order in Unicode from U+1100, U+1161 and U+11A8.
const KOREAN: [(char, &str); 3] = [
    ('\u{1100}', "r R s e E f a q Q t T d w W c z x v g"),
    ('\u{1161}', "k o i O j p u P h hk ho hl y n nj np nl b m ml l"),
    ('\u{11a8}', "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g"),
];

/// Returns the common words in the password, forwards or backwards.
pub(super) fn common_words(password: &str) -> impl Iterator<Item = &'static str> {
    let forwards: String = password.nfkc().collect::<String>().to_lowercase();
    let backwards: String = forwards.chars().rev().collect();
    COMMON.into_iter().filter(move |word| forwards.contains(word) || backwards.contains(word))
}

pub(super) fn is_common(word: &str) -> bool {
    COMMON.contains(&word)
}

/// Returns the password as the keys that type it, if it is in one of these scripts: keyboard rows are rows in every layout, and
/// common passwords of other scripts are also common as their keys.
pub(super) fn as_keys(password: &str) -> Option<String> {
    if password.is_ascii() {
        return None;
    }
    let layouts = LAYOUTS.iter().map(|(keys, types)| {
        typed(password, |c| {
            let at = types.chars().position(|typed| typed == c)?;
            keys.chars().nth(at).map(String::from)
        })
    });
    layouts.flatten().next().or_else(|| typed(password, korean))
}

/// Returns `None` if a character is on no key. Marks, which need a further key, are left out.
fn typed(password: &str, key: impl Fn(char) -> Option<String>) -> Option<String> {
    let lower = password.to_lowercase();
    lower.chars().map(|c| key_of(c, &key)).collect()
}

fn key_of(c: char, key: &impl Fn(char) -> Option<String>) -> Option<String> {
    let is_mark = |c: char| matches!(c, '\u{300}'..='\u{36f}');
    match key(c) {
        Some(keys) => Some(keys),
        None if c.is_ascii() => Some(c.to_string()),
        None => std::iter::once(c)
            .nfd()
            .filter(|part| !is_mark(*part))
            .map(|part| (part != c).then(|| key(part))?)
            .collect(),
    }
}

fn korean(c: char) -> Option<String> {
    KOREAN.iter().find_map(|(first, keys)| {
        let at = u32::from(c).checked_sub(u32::from(*first))?;
        keys.split(' ').nth(usize::try_from(at).ok()?).map(ToOwned::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layout_types_as_many_characters_as_it_has_keys() {
        for (keys, types) in LAYOUTS {
            assert_eq!(keys.chars().count(), types.chars().count(), "{types}");
        }
    }

    #[test]
    fn a_password_is_known_by_its_keys_in_every_layout() {
        for (password, keys) in [
            ("йцукенгшщз", Some("qwertyuiop")),
            ("ЙЦУКЕН123", Some("qwerty123")),
            ("фівапролджє", Some("asdfghjkl;'")),
            ("пароль", Some("gfhjkm")),
            ("κωδικός", Some("kvdikow")),
            ("ασδφγηξκλ", Some("asdfghjkl")),
            ("שדגכעיחלך", Some("asdfghjkl")),
            ("ضصثقفغعهخح", Some("qwertyuiop")),
            ("비밀번호", Some("qlalfqjsgh")),
            ("ㅂㅈㄷㄱㅅㅛㅕㅑ", Some("qwertyui")),
            ("qwerty", None),
            ("五月雨落花近江国", None),
            ("zo\u{eb}", None),
        ] {
            let normalised: String = password.nfkc().collect();
            assert_eq!(as_keys(&normalised).as_deref(), keys, "{password}");
        }
    }

    #[test]
    fn common_words_are_found_anywhere_in_either_direction() {
        assert_eq!(common_words("мой ПАРОЛЬ 1").collect::<Vec<_>>(), ["пароль"]);
        assert_eq!(common_words("ьлорап").collect::<Vec<_>>(), ["пароль"]);
        assert_eq!(common_words("ﾊﾟｽﾜｰﾄﾞ").collect::<Vec<_>>(), ["パスワード"]);
        assert_eq!(common_words("password").count(), 0);
        for word in COMMON {
            assert_eq!(word.nfkc().collect::<String>().to_lowercase(), word);
        }
    }
}
