//! The webhook fields an app can subscribe to.

use super::tagged::words;

words! {
    /// `changes[].field`: what a change is about (Meta's pages "webhooks/reference/*").
    Field {
        /// Inbound messages and the statuses of outgoing ones.
        Messages = "messages",
        /// Messages the business sent from the WhatsApp Business app of a coexistence number.
        SmbMessageEchoes = "smb_message_echoes",
        /// Contacts of the WhatsApp Business app of a coexistence number.
        SmbAppStateSync = "smb_app_state_sync",
        /// Chat history of a coexistence number.
        History = "history",
        /// Calls: connect, status, terminate.
        Calls = "calls",
        /// A user stopped or resumed marketing messages.
        UserPreferences = "user_preferences",
        /// A group was made or deleted.
        GroupLifecycleUpdate = "group_lifecycle_update",
        /// Users joined, left or asked to join a group.
        GroupParticipantsUpdate = "group_participants_update",
        /// Subject, description or picture of a group changed.
        GroupSettingsUpdate = "group_settings_update",
        /// A group was suspended, or the suspension ended.
        GroupStatusUpdate = "group_status_update",
        /// Messages, echoes and receipts while Meta Business Agent owns the conversation.
        Standby = "standby",
        /// Messages sent by another solution on the same number.
        MessageEchoes = "message_echoes",
        /// Another solution took or gave back the conversation.
        MessagingHandovers = "messaging_handovers",
        /// Clicks on tracked links.
        TrackingEvents = "tracking_events",
        /// Purchases and leads that Meta found in chats that came from ads.
        AutomaticEvents = "automatic_events",
        /// Changes of the WABA: partners, restrictions, bans, billing.
        AccountUpdate = "account_update",
        /// Alerts of the WABA, the business or a number.
        AccountAlerts = "account_alerts",
        /// Result of the review of the WABA.
        AccountReviewUpdate = "account_review_update",
        /// Messaging limit and number cap of the portfolio.
        BusinessCapabilityUpdate = "business_capability_update",
        /// Status of a business username.
        BusinessUsernameUpdate = "business_username_update",
        /// Throughput or quality of a number.
        PhoneNumberQualityUpdate = "phone_number_quality_update",
        /// Result of the review of a display name.
        PhoneNumberNameUpdate = "phone_number_name_update",
        /// A template was approved, rejected, paused …
        MessageTemplateStatusUpdate = "message_template_status_update",
        /// The quality score of a template changed.
        MessageTemplateQualityUpdate = "message_template_quality_update",
        /// The content of a template changed.
        MessageTemplateComponentsUpdate = "message_template_components_update",
        /// The category of a template changed or will.
        TemplateCategoryUpdate = "template_category_update",
        /// The two-step PIN of a number changed.
        Security = "security",
        /// Status and health of a flow.
        Flows = "flows",
        /// A multi-partner solution changed.
        PartnerSolutions = "partner_solutions",
        /// A payment configuration changed.
        PaymentConfigurationUpdate = "payment_configuration_update",
    }
}

impl Field {
    /// Whether `value` has the messages-like form: `metadata` and arrays of messages, statuses, calls, groups ….
    #[must_use]
    pub fn is_messages_like(&self) -> bool {
        match self {
            Self::Messages
            | Self::SmbMessageEchoes
            | Self::SmbAppStateSync
            | Self::History
            | Self::Calls
            | Self::UserPreferences
            | Self::GroupLifecycleUpdate
            | Self::GroupParticipantsUpdate
            | Self::GroupSettingsUpdate
            | Self::GroupStatusUpdate
            | Self::Standby
            | Self::MessageEchoes
            | Self::MessagingHandovers => true,
            Self::TrackingEvents
            | Self::AutomaticEvents
            | Self::AccountUpdate
            | Self::AccountAlerts
            | Self::AccountReviewUpdate
            | Self::BusinessCapabilityUpdate
            | Self::BusinessUsernameUpdate
            | Self::PhoneNumberQualityUpdate
            | Self::PhoneNumberNameUpdate
            | Self::MessageTemplateStatusUpdate
            | Self::MessageTemplateQualityUpdate
            | Self::MessageTemplateComponentsUpdate
            | Self::TemplateCategoryUpdate
            | Self::Security
            | Self::Flows
            | Self::PartnerSolutions
            | Self::PaymentConfigurationUpdate
            | Self::Other(_) => false,
        }
    }
}
