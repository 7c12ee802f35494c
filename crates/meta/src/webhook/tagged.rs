//! Enums whose values are words of Meta's. A word that we do not know is kept as it came.

/// Defines an enum with one arm per known word and `Other(String)` for the rest.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$arm_meta:meta])* $arm:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$arm_meta])* $arm,)+
            /// A word that is not known here, as it came.
            Other(String),
        }

        impl $name {
            /// Every word that is known here.
            pub const KNOWN: &[&str] = &[$($word),+];

            /// Reads Meta's word.
            #[must_use]
            pub fn from_wire(word: &str) -> Self {
                match word {
                    $($word => Self::$arm,)+
                    other => Self::Other(other.to_owned()),
                }
            }

            /// Meta's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$arm => $word,)+
                    Self::Other(word) => word,
                }
            }

            /// Whether the word is one that is not known here.
            #[must_use]
            pub fn is_other(&self) -> bool {
                matches!(self, Self::Other(_))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = $crate::webhook::lenient::cow(deserializer)?;
                Ok(Self::from_wire(word.as_deref().unwrap_or_default()))
            }
        }
    };
}

pub(crate) use words;
