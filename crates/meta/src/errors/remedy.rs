//! What to do about a code once the message has failed, and who can do it.
//!
//! The table of codes says what this program does by itself; this one speaks of people. Many codes want the
//! same thing done, so a remedy is a word, and its sentences stand once in each language.

/// Who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// Nobody: it passes, or nothing is to be done.
    Nobody,
    /// Whoever writes to customers.
    Agent,
    /// Whoever owns the WhatsApp account: an owner or manager of the business.
    Owner,
    /// The platform's operators.
    Platform,
}

impl Who {
    /// The word that stands in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Agent => "agent",
            Self::Owner => "owner",
            Self::Platform => "platform",
        }
    }
}

macro_rules! remedies {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $who:ident, $sentence:literal;)+) => {
        /// What to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Remedy { $($(#[$doc])* $name,)+ }

        impl Remedy {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The word that stands in the API, by which the web application finds its sentence.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// Who can do it.
            pub const fn who(self) -> Who {
                match self { $(Self::$name => Who::$who,)+ }
            }

            /// What to do, in one or two sentences.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
        }
    };
}

remedies! {
    /// It passes.
    Wait = "wait", Nobody, "It was tried several times. Send it again later: such faults pass.";
    /// There is nothing to do.
    Nothing = "nothing", Nobody, "There is nothing to do.";
    /// A template opens the conversation.
    UseTemplate = "use_template", Agent, "Send an approved template. Once the person answers, you can write freely for 24 hours.";
    /// The person cannot be reached so.
    CheckRecipient = "check_recipient", Agent, "Check the number with the person, or reach them in another way. Sending the same again will not help.";
    /// Meta does not deliver it to this person.
    OtherWay = "other_way", Agent, "Reach the person in another way. If it has to be WhatsApp, wait a day at least.";
    /// The person does not want it.
    RespectWish = "respect_wish", Agent, "Respect it: send this person no more marketing.";
    /// The message itself is wrong.
    FixMessage = "fix_message", Agent, "Correct what Meta's own text names, and send it as a new message.";
    /// The file is wrong.
    FixMedia = "fix_media", Agent, "Send a file of a type and size that WhatsApp takes, as a new message.";
    /// The person has to do something.
    AskPerson = "ask_person", Agent, "Ask the person: for the file once more, for their number, or whether it is still them.";
    /// The call or group was not possible.
    LookAndRepeat = "look_and_repeat", Agent, "Look at how things stand, and try it again if it is still wanted.";
    /// The values do not fit the template.
    FixValues = "fix_values", Owner, "Give one value of the right form for each variable of the template, and send it again.";
    /// The template is wrong, paused or gone.
    FixTemplate = "fix_template", Owner, "Correct or replace the template, wait for its approval, and send again.";
    /// The flow is wrong.
    FixFlow = "fix_flow", Owner, "Correct the flow in WhatsApp Manager, and send again.";
    /// Payment.
    Pay = "pay", Owner, "Put the payment method in order in WhatsApp Manager, then send the waiting messages again.";
    /// The access is gone.
    Reconnect = "reconnect", Owner, "Connect the WhatsApp account again and grant every permission. What failed can be sent again afterwards.";
    /// Meta has stopped the account.
    Appeal = "appeal", Owner, "See the reason in WhatsApp Manager and appeal there. Nothing leaves before Meta has decided.";
    /// The quality is low.
    Quality = "quality", Owner, "Pause campaigns, write only to people who expect it, and watch the number's quality before you go on.";
    /// The number is not in order.
    FixNumber = "fix_number", Owner, "Put the number in order in WhatsApp Manager: its name, its verification, its PIN.";
    /// Only listed recipients.
    AllowRecipient = "allow_recipient", Owner, "Add the recipient to the test number's list, or send from a real number.";
    /// The recipient's country is closed to the business.
    LeaveCountry = "leave_country", Owner, "Leave recipients in that country out of what you send.";
    /// A setting of the account.
    AccountSetting = "account_setting", Owner, "Change it in WhatsApp Manager, if it is wanted.";
    /// Meta says how long.
    WaitAsTold = "wait_as_told", Owner, "Wait as long as Meta says, then try it again.";
    /// The number must be registered.
    Register = "register", Platform, "The platform's operators have to register this number again.";
    /// A fault of this program or of its set-up at Meta.
    ReportFault = "report_fault", Platform, "This is for the platform's operators: tell them the code and the time.";
}

use Remedy as R;

/// First code, last code, what to do.
const TABLE: &[(i64, i64, Remedy)] = &[
    // General.
    (0, 0, R::Reconnect),
    (1, 2, R::Wait),
    (3, 3, R::ReportFault),
    (4, 4, R::Wait),
    (10, 10, R::Reconnect),
    (17, 32, R::Wait),
    (33, 33, R::FixNumber),
    (100, 100, R::FixMessage),
    (104, 104, R::ReportFault),
    (190, 299, R::Reconnect),
    (368, 368, R::Appeal),
    (613, 613, R::Wait),
    (2500, 2500, R::ReportFault),
    (80007, 80008, R::Wait),
    (1_752_041, 1_752_041, R::Nothing),
    (200_005, 200_007, R::AccountSetting),
    // Messages.
    (130_429, 130_429, R::Wait),
    (130_472, 130_472, R::OtherWay),
    (130_497, 130_497, R::LeaveCountry),
    (131_000, 131_000, R::Wait),
    (131_005, 131_005, R::Reconnect),
    (131_008, 131_009, R::FixMessage),
    (131_016, 131_016, R::Wait),
    (131_020, 131_020, R::LookAndRepeat),
    (131_021, 131_021, R::CheckRecipient),
    (131_026, 131_026, R::CheckRecipient),
    (131_030, 131_030, R::AllowRecipient),
    (131_031, 131_031, R::Appeal),
    (131_037, 131_037, R::FixNumber),
    (131_041, 131_041, R::LookAndRepeat),
    (131_042, 131_044, R::Pay),
    (131_045, 131_045, R::Register),
    (131_047, 131_047, R::UseTemplate),
    (131_048, 131_048, R::Quality),
    (131_049, 131_049, R::OtherWay),
    (131_050, 131_050, R::RespectWish),
    (131_051, 131_051, R::FixMessage),
    (131_052, 131_052, R::AskPerson),
    (131_053, 131_053, R::FixMedia),
    (131_055, 131_055, R::ReportFault),
    (131_056, 131_057, R::Wait),
    (131_059, 131_059, R::Nothing),
    (131_060, 131_060, R::LookAndRepeat),
    (131_062, 131_062, R::AskPerson),
    (131_063, 131_063, R::AccountSetting),
    (131_064, 131_064, R::Quality),
    (131_201, 131_215, R::LookAndRepeat),
    // Templates, flows, marketing messages.
    (132_000, 132_000, R::FixValues),
    (132_001, 132_001, R::FixTemplate),
    (132_005, 132_005, R::FixValues),
    (132_007, 132_007, R::FixTemplate),
    (132_008, 132_012, R::FixValues),
    (132_015, 132_016, R::FixTemplate),
    (132_018, 132_018, R::FixValues),
    (132_068, 132_069, R::FixFlow),
    (134_011, 134_011, R::AccountSetting),
    (134_100, 134_100, R::FixTemplate),
    (134_101, 134_101, R::Wait),
    (134_102, 134_103, R::FixTemplate),
    // Numbers.
    (133_000, 133_000, R::Register),
    (133_004, 133_004, R::Wait),
    (133_005, 133_006, R::FixNumber),
    (133_008, 133_009, R::WaitAsTold),
    (133_010, 133_010, R::Register),
    (133_015, 133_015, R::Wait),
    (133_016, 133_016, R::WaitAsTold),
    (135_000, 135_000, R::FixMessage),
    (136_024, 136_025, R::FixNumber),
    (137_000, 137_000, R::AskPerson),
    // Calls.
    (138_000, 138_000, R::AccountSetting),
    (138_001, 138_001, R::CheckRecipient),
    (138_002, 138_005, R::Wait),
    (138_006, 138_006, R::AskPerson),
    (138_007, 138_023, R::LookAndRepeat),
    // Features.
    (139_000, 139_000, R::Appeal),
    (139_001, 139_004, R::FixFlow),
    (139_100, 139_101, R::LookAndRepeat),
    (139_102, 139_103, R::Wait),
    (141_000, 141_999, R::FixNumber),
    (147_001, 147_005, R::AccountSetting),
    // Management.
    (2_388_001, 2_388_001, R::FixNumber),
    (2_388_012, 2_388_012, R::Nothing),
    (2_388_019, 2_388_073, R::FixTemplate),
    (2_388_091, 2_388_103, R::ReportFault),
    (2_388_293, 2_388_299, R::FixTemplate),
    (2_494_100, 2_494_100, R::Wait),
    (2_494_164, 2_494_179, R::AccountSetting),
    (2_593_079, 2_593_108, R::ReportFault),
    (2_593_109, 2_593_109, R::Nothing),
];

/// What to do about a code; none when it is not known what.
#[must_use]
pub fn remedy(code: i64) -> Option<Remedy> {
    TABLE
        .iter()
        .find(|(first, last, _)| (*first..=*last).contains(&code))
        .map(|(_, _, remedy)| *remedy)
}
