//! Meta's numbers, with where they come from. Pages under `developers.facebook.com/documentation/business-messaging/whatsapp`.

use std::time::Duration;

/// Messages a second of a business phone number, in and out together, before any upgrade (page "throughput").
pub const THROUGHPUT_STANDARD_MPS: u32 = 80;
/// Messages a second of a number after the automatic upgrade (page "throughput").
pub const THROUGHPUT_HIGH_MPS: u32 = 1_000;
/// Messages a second of a coexistence number, fixed (page "onboarding-business-app-users").
pub const THROUGHPUT_COEXISTENCE_MPS: u32 = 20;

/// One message from a number to the same user in this time (page "throughput", pair rate limits).
pub const PAIR_RATE_INTERVAL: Duration = Duration::from_secs(6);
/// Messages that may be borrowed at once from the pair's future quota (page "throughput").
pub const PAIR_RATE_BURST: u32 = 45;

/// How long to wait after error 131056 for the `attempt`-th time, counted from 0: 4^n seconds (page "throughput").
/// Capped at 4^9 s, about three days.
#[must_use]
pub const fn pair_rate_retry_after(attempt: u32) -> Duration {
    let exponent = if attempt > 9 { 9 } else { attempt };
    Duration::from_secs(4_u64.pow(exponent))
}

/// Unique users a portfolio may message outside service windows in 24 h, step by step (page "messaging-limits");
/// above the last step there is no limit.
pub const MESSAGING_LIMIT_TIERS: [u32; 4] = [250, 2_000, 10_000, 100_000];

/// Business phone numbers that a verified portfolio may register; an unverified one begins with 2 (page
/// "business-phone-numbers/phone-numbers"). Meta raises it on request and tells
/// it by `business_capability_update` only.
pub const PHONE_NUMBERS_PER_PORTFOLIO: i64 = 20;

/// Largest webhook body, in bytes (page "webhooks/overview").
pub const WEBHOOK_MAX_BYTES: usize = 3 * 1024 * 1024;
/// Most updates in one webhook (page "webhooks/create-webhook-endpoint").
pub const WEBHOOK_MAX_UPDATES: usize = 1_000;
/// How long Meta repeats a webhook that was not answered with 200 (page "webhooks/overview").
pub const WEBHOOK_RETRY_HORIZON: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Characters of a text body (page "messages/text-messages").
pub const TEXT_BODY_MAX_CHARS: usize = 4_096;
/// Characters of a caption of an image, video or document (page "messages/image-messages").
pub const CAPTION_MAX_CHARS: usize = 1_024;
/// Characters of `biz_opaque_callback_data`.
pub const CALLBACK_DATA_MAX_CHARS: usize = 512;
/// Characters of a template name, which may hold `[a-z0-9_]` only (page "templates/overview").
pub const TEMPLATE_NAME_MAX_CHARS: usize = 512;
/// Characters of a body of an interactive message with buttons (page "messages/interactive-reply-buttons-messages").
pub const INTERACTIVE_BODY_MAX_CHARS: usize = 1_024;
/// Characters of an interactive footer (page "messages/interactive-reply-buttons-messages").
pub const INTERACTIVE_FOOTER_MAX_CHARS: usize = 60;
/// Characters of an interactive text header (page "messages/interactive-reply-buttons-messages").
pub const INTERACTIVE_HEADER_MAX_CHARS: usize = 60;
/// Reply buttons of one message (page "messages/interactive-reply-buttons-messages").
pub const REPLY_BUTTONS_MAX: usize = 3;
/// Characters of the title of a reply button (page "messages/interactive-reply-buttons-messages").
pub const REPLY_BUTTON_TITLE_MAX_CHARS: usize = 20;
/// Characters of the id of a reply button (page "messages/interactive-reply-buttons-messages").
pub const REPLY_BUTTON_ID_MAX_CHARS: usize = 256;
/// Characters on the button that opens a list (page "messages/interactive-list-messages").
pub const LIST_BUTTON_MAX_CHARS: usize = 20;
/// Rows of a list message over all its sections (page "messages/interactive-list-messages").
pub const LIST_ROWS_MAX: usize = 10;
/// Sections of a list or product message (page "messages/interactive-list-messages").
pub const SECTIONS_MAX: usize = 10;
/// Characters of the title of a section (page "messages/interactive-list-messages").
pub const SECTION_TITLE_MAX_CHARS: usize = 24;
/// Characters of the title of a list row (page "messages/interactive-list-messages").
pub const LIST_ROW_TITLE_MAX_CHARS: usize = 24;
/// Characters of the description of a list row (page "messages/interactive-list-messages").
pub const LIST_ROW_DESCRIPTION_MAX_CHARS: usize = 72;
/// Characters of the id of a list row (page "messages/interactive-list-messages").
pub const LIST_ROW_ID_MAX_CHARS: usize = 200;
/// Characters on a button that opens a page or calls (page "messages/interactive-cta-url-messages").
pub const CTA_TEXT_MAX_CHARS: usize = 20;
/// Characters of an address that a button opens (page "templates/components").
pub const URL_MAX_CHARS: usize = 2_000;
/// Characters on the button of a flow, without emoji (page "messages/interactive-flow-messages"; older editions say 20).
pub const FLOW_CTA_MAX_CHARS: usize = 30;
/// Products of a message over all its sections (page "messages/interactive-product-list-messages").
pub const PRODUCTS_MAX: usize = 30;
/// Cards of a carousel, at least (page "messages/interactive-media-carousel-messages").
pub const CARDS_MIN: usize = 2;
/// Cards of a carousel, at most (page "messages/interactive-media-carousel-messages").
pub const CARDS_MAX: usize = 10;
/// Characters of the text of a card, with at most two line breaks (page "messages/interactive-media-carousel-messages").
pub const CARD_BODY_MAX_CHARS: usize = 160;
/// Buttons of a card (page "templates/marketing-templates/media-card-carousel-templates").
pub const CARD_BUTTONS_MAX: usize = 2;
/// Contact cards in one message (page "messages/contacts-messages").
pub const CONTACT_CARDS_MAX: usize = 257;
/// Characters of a document's file name (page "messages/document-messages").
pub const FILENAME_MAX_CHARS: usize = 240;
/// Buttons of a template (page "templates/components").
pub const TEMPLATE_BUTTONS_MAX: i64 = 10;
/// Characters of a quick-reply payload in a template send (page "templates/components").
pub const TEMPLATE_PAYLOAD_MAX_CHARS: usize = 128;
/// Letters and digits of a coupon code in a template send (page "templates/marketing-templates/coupon-templates").
pub const COUPON_CODE_MAX_CHARS: usize = 20;
/// Characters of a template's body with its values (page "templates/components").
pub const TEMPLATE_BODY_MAX_CHARS: usize = 1_024;
/// Digits of a phone number that Meta takes, with the country code (E.164).
pub const PHONE_DIGITS: (usize, usize) = (5, 15);
/// Letters and digits of a BSUID after the dot (page "business-scoped-user-ids").
pub const BSUID_MAX_CHARS: usize = 128;
/// How old a message may be that a reaction aims at (page "messages/reaction-messages").
pub const REACTION_TARGET_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How long the typing bubble stays (page "typing-indicators").
pub const TYPING_LIFE: Duration = Duration::from_secs(25);

/// Bytes of an image (page "business-phone-numbers/media").
pub const IMAGE_MAX_BYTES: u64 = 5 * 1024 * 1024;
/// Bytes of a video.
pub const VIDEO_MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of an audio file.
pub const AUDIO_MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Bytes of a document.
pub const DOCUMENT_MAX_BYTES: u64 = 100 * 1024 * 1024;
/// Bytes of an animated sticker; a static one may have 100 KB.
pub const STICKER_ANIMATED_MAX_BYTES: u64 = 500 * 1024;
/// Bytes of a static sticker.
pub const STICKER_STATIC_MAX_BYTES: u64 = 100 * 1024;
/// How long a media URL from the API or a webhook works.
pub const MEDIA_URL_LIFE: Duration = Duration::from_secs(5 * 60);
/// How long a media id out of a webhook works (since 2025-10-09).
pub const INBOUND_MEDIA_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long the id of an uploaded file works.
pub const UPLOADED_MEDIA_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Management calls an hour of an app and WABA without a registered number (page "about-the-platform").
pub const MANAGEMENT_CALLS_PER_HOUR_DEFAULT: u32 = 200;
/// Management calls an hour of an app and an active WABA.
pub const MANAGEMENT_CALLS_PER_HOUR_ACTIVE: u32 = 5_000;
/// Templates created in an account in an hour (page "templates/template-management").
pub const TEMPLATE_CREATIONS_PER_HOUR: usize = 100;
/// Edits of an approved template in 24 hours (page "templates/template-management").
pub const TEMPLATE_EDITS_PER_DAY: usize = 1;
/// Edits of an approved template in 30 days (page "templates/template-management").
pub const TEMPLATE_EDITS_PER_MONTH: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pair_rate_retry_grows_by_four_and_never_overflows() {
        assert_eq!(pair_rate_retry_after(0), Duration::from_secs(1));
        assert_eq!(pair_rate_retry_after(3), Duration::from_secs(64));
        assert_eq!(
            pair_rate_retry_after(u32::MAX),
            Duration::from_secs(4_u64.pow(9))
        );
    }
}
