# What the server itself writes: e-mails and the pages before the application. One file a language.
product = Trunkline
sign-in = Sign in
email = E-mail
password = Password
new-password = New password
password-hint = At least 10 characters
code = Code
code-hint = Six digits from your authenticator app, if you use one
name = Your name
continue = Continue
forgotten = Forgot your password?
back-to-sign-in = Back to sign-in
sign-in-failed = The e-mail address, the password or the code is not right.
too-many-guesses = Too many wrong guesses. Try again in { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
  }.
not-from-here = This form was sent from another page. Open it here again.

invitation-title = Join { $place }
invitation-platform = the administration of { product }
invitation-lead = You are invited as { $role }.
invitation-lead-platform = You are invited to administer this installation.
invitation-have-account = You already have an account with { $email }. Enter its password to join.
invitation-gone-title = This invitation no longer works
invitation-gone = It was used, taken back, or has ended. Ask whoever invited you for a new one.
invitation-other = Another address already belongs to an account; use your own.
role-owner = owner
role-manager = manager
role-agent = agent
role-viewer = viewer

reset-title = Reset your password
reset-lead = We send you a link that sets a new one.
reset-send = Send the link
reset-sent-title = Look into your mail
reset-sent = If { $email } belongs to an account, a link is on its way. It works for one hour.
reset-no-mail = This installation sends no e-mail. Ask your administrator for a link.
reset-new-title = Choose a new password
reset-gone-title = This link no longer works
reset-gone = It was used or has ended. Ask for a new one.
reset-done = Set password

name-wrong = Enter your name, at most 100 characters.
business-wrong = Enter the name of your business, at most 200 characters.
email-wrong = Enter an e-mail address, such as maria@example.com.
email-taken = This address already belongs to an account.
invitation-account-now = This address has an account by now. Open the link again and enter its password.
password-short = Use at least 10 characters.
password-long = Use at most 200 characters.
password-easy = This is too easy to guess. Use a few words that belong together only for you.
password-wrong = This is not your password.

mail-invitation-subject = { $by } invites you to { $place }
mail-invitation = Hello,

    { $by } invites you to { $place }. Open this link to join; it works for { $days } days:

    { $link }

    If you did not expect this, ignore it.
mail-setup-link-subject = Connect { $for } to WhatsApp
mail-setup-link = Hello,

    with this link you connect { $for } to WhatsApp at { $place }. It works once, and for { $days } days:

    { $link }

    Have the phone of the number at hand: WhatsApp sends it a code.
    If you did not expect this, ignore it.
mail-reset-subject = Set a new password
mail-reset = Hello { $name },

    open this link to set a new password for { $email }; it works for one hour:

    { $link }

    If you did not ask for it, ignore it: your password stays as it is.

mail-alert =
    { $title }

    { $detail }

    { $action }

    This is shown in Trunkline under Alerts until it is over.

alert-token-expiring = The access to { $account } ends in { $days ->
        [one] one day
       *[other] { $days } days
    }
alert-token-expiring-detail = WhatsApp gave this access for a limited time. When it ends, nothing is sent from this account; what customers write still arrives.
alert-token-expiring-action = Open the connection and choose Connect again before it ends.
alert-token-dead = WhatsApp no longer accepts the access to { $account }
alert-token-dead-detail = Messages to customers wait; what customers write still arrives, and its files are fetched later.
alert-token-dead-action = Open the connection and choose Connect again. What waits goes out by itself then.
alert-account-banned = WhatsApp has disabled { $account }
alert-account-banned-detail = Nothing can be sent. Messages wait until the account is back.
alert-account-banned-action = Ask for a review in WhatsApp Manager under Account quality.
alert-account-disabling = WhatsApp will disable { $account }
alert-account-disabling-detail = Announced for { $ban_date }. { $violation }
alert-account-disabling-action = Ask for a review in WhatsApp Manager under Account quality before that day.
alert-account-restricted = WhatsApp has restricted { $account }
alert-account-restricted-detail = { $restrictions } until { $ends_at }.
alert-account-restricted-action = What is not allowed waits and goes out when the restriction ends. WhatsApp Manager, Account quality, says why.
alert-account-violation = WhatsApp says that { $account } broke its rules
alert-account-violation-detail = The violation is { $violation }.
alert-account-violation-action = Read it in WhatsApp Manager under Account quality, and ask for a review if it is wrong. Repeated violations lead to restrictions.
alert-account-disconnected = { $account } is not connected any more
alert-account-disconnected-detail = WhatsApp gives this reason: { $reason }. Conversations stay; messages to customers wait.
alert-account-disconnected-action = Connect the account again to go on where it ended.
alert-account-deleted = { $account } was deleted at Meta
alert-account-deleted-detail = Nothing can be sent or received by it. Conversations stay.
alert-account-deleted-action = Connect another WhatsApp Business Account.
alert-number-disconnected = The number { $account } is disconnected
alert-number-disconnected-detail = WhatsApp gives this reason: { $reason }. Conversations stay; messages to customers wait.
alert-number-disconnected-action = Connect it again; in the WhatsApp Business app this is under Settings, Account, Business Platform.
alert-quality-low = The quality of { $account } is low
alert-quality-low-detail = People block or report its messages.
alert-quality-low-action = Send less often and only what people asked for, until the quality has risen again.
alert-name-rejected = WhatsApp rejected the name { $name } of { $account }
alert-name-rejected-detail = The reason is { $reason }.
alert-name-rejected-action = Choose another name in WhatsApp Manager under Phone numbers.
alert-review-rejected = WhatsApp rejected { $account } in its review
alert-review-rejected-detail = Templates and messages that begin a conversation do not go out.
alert-review-rejected-action = Complete the business's data in Meta Business Suite and ask for another review.
alert-pin-changed = The PIN of { $account } was changed or asked for
alert-pin-changed-detail = WhatsApp reports { $event }.
alert-pin-changed-action = If nobody of yours did this, set a new PIN on the page of the connection.
alert-history-refused = The chats of { $account } are not shared
alert-history-refused-detail = When the number was connected, sharing its history was refused in the WhatsApp Business app. New messages arrive.
alert-history-refused-action = To share it, disconnect the number in the app and connect it again.
alert-meta-alert = WhatsApp reports { $event } for { $account }
alert-meta-alert-detail = { $description }
alert-meta-alert-action = WhatsApp Manager says more about it.
alert-payment-missing = WhatsApp cannot charge for messages of { $account }
alert-payment-missing-detail = Messages that cost something wait.
alert-payment-missing-action = Put the payment method in order in WhatsApp Manager under Payment settings. What waits goes out by itself then.
alert-connection-failed = The connection to WhatsApp needs you
alert-connection-failed-detail = Something has to be done before { $account } works ({ $cause }).
alert-connection-failed-action = Open the connection; it says what to do.
alert-dead-letters = { $count } messages of the last day did not arrive
alert-dead-letters-detail = Nobody has dealt with them yet.
alert-dead-letters-action = Look at them under Did not arrive: send them again, or dismiss them.
alert-events-held = Messages about events are held
alert-events-held-detail = Something of an event, a rule or a template is wrong. Held: { $count }.
alert-events-held-action = Look at them under Notifications, in the state Held: each says what is wrong. Mend it, then try them again.
alert-queue-age = Messages wait in the queue for longer than 15 minutes
alert-queue-age-detail = The oldest since { $since }, and nothing holds it.
alert-queue-age-action = Look at the queue and at whether WhatsApp can be reached from this server.
alert-webhook-silence = WhatsApp posts nothing to this server
alert-webhook-silence-detail = Messages were taken at { $since }, and no webhook has come since.
alert-webhook-silence-action = Check the webhook address and the subscriptions of the app in Meta's console.

event-account_update = Account update
event-account_alerts = Alert of WhatsApp
event-account_review_update = Review of the account
event-business_capability_update = Limits of the account
event-phone_number_quality_update = Quality of the number
event-phone_number_name_update = Name of the number
event-security = Security of the number
event-business_username_update = Username
event-message_template_status_update = Template
event-message_template_quality_update = Quality of a template
event-message_template_components_update = A template was changed
event-template_category_update = Category of a template
event-history = Chats of the phone
event-smb_app_state_sync = Contacts of the phone
event-calls = Call
event-user_preferences = Choice about marketing
event-flows = Flow
event-partner_solutions = Partner solution
event-payment_configuration_update = Payment configuration
event-account_update-PARTNER_ADDED = The account was shared with the platform
event-account_update-PARTNER_APP_INSTALLED = The platform's app was installed
event-account_update-PARTNER_APP_UNINSTALLED = The platform's app was removed from the account
event-account_update-PARTNER_REMOVED = The account or number was disconnected from the platform
event-account_update-ACCOUNT_OFFBOARDED = The number left the platform
event-account_update-ACCOUNT_RECONNECTED = The number came back
event-account_update-PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE = News of the business verification
event-account_update-ACCOUNT_VIOLATION = WhatsApp found a violation of its rules
event-account_update-ACCOUNT_RESTRICTION = WhatsApp restricted the account
event-account_update-DISABLED_UPDATE = WhatsApp disabled the account, will do so, or let it back
event-account_update-ACCOUNT_DELETED = The account was deleted
event-account_update-AUTH_INTL_PRICE_ELIGIBILITY_UPDATE = International prices of authentication messages will apply
event-account_update-BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE = The country of the business changed
event-account_update-VOLUME_BASED_PRICING_TIER_UPDATE = The next volume tier was reached
event-account_update-MM_LITE_TERMS_SIGNED = The terms of marketing messages were accepted
event-account_update-AD_ACCOUNT_LINKED = An advertising account was linked
event-account_update-VERIFIED_ACCOUNT = The account was verified
event-account_review_update-APPROVED = WhatsApp approved the account
event-account_review_update-REJECTED = WhatsApp rejected the account
event-phone_number_name_update-APPROVED = WhatsApp approved the name of the number
event-phone_number_name_update-REJECTED = WhatsApp rejected the name of the number
event-phone_number_quality_update-FLAGGED = WhatsApp flagged the number for low quality
event-phone_number_quality_update-UNFLAGGED = The number is flagged no longer
event-phone_number_quality_update-THROUGHPUT_UPGRADE = The number may send faster
event-phone_number_quality_update-ONBOARDING = The number was registered
event-security-PIN_CHANGED = The PIN of the number was changed
event-security-PIN_RESET_REQUEST = Somebody asked to reset the PIN of the number
event-security-PIN_REQUEST_SUCCESS = The PIN of the number was reset
check-public-url-ok = People and Meta reach this installation at { $url }.
check-public-url-simulator = This installation is reached at { $url }; that is enough for the simulator, Meta itself posts to https addresses only.
check-public-url-wrong = { $url } does not begin with https://. Meta posts webhooks to https addresses with a public certificate only.
check-public-url-unknown = It is not known where this installation is reached from outside: server.public_url is not set.
check-public-url-mend = Put a proxy with a certificate in front, set server.public_url (TRUNKLINE_SERVER__PUBLIC_URL) to its https address, and restart.
check-app-ok = Meta knows the app { $name } ({ $id }), and the secret is its own.
check-app-no-id = The app's id is not set: the app cannot be looked at, and no business can connect by the sign-up window.
check-app-no-secret = The app's secret is not set. Until it is, webhooks are answered with 503 and Meta keeps them.
check-app-refused = Meta does not take this id and secret: { $why }
check-app-mend = In the app's dashboard, App settings → Basic shows the App ID and the App secret. Copy both here.
check-clock-ok = The clock of this machine agrees with Meta's to { $seconds } s.
check-clock-ahead = The clock of this machine is { $seconds } s ahead of Meta's.
check-clock-behind = The clock of this machine is { $seconds } s behind Meta's.
check-clock-mend = Let the machine take its time from the network (NTP); on Linux `timedatectl set-ntp true`.
check-version-ok = Meta answers with version { $real }.
check-version-other = Version { $wanted } is asked for, but Meta answers with { $real }: the wanted one has ended, or is not there yet.
check-version-mend = Choose { $real } here, and look at its changes first.
check-verify-token-missing = There is no verify token yet.
check-verify-token-mend = Press “Subscribe”: it makes one and tells it to Meta. Or type any text that nobody guesses.
check-webhook-verified = { $url } answered a fresh challenge, and it was this installation that answered.
check-webhook-other-token = { $url } does not know our verify token.
check-webhook-not-ours = { $url } answered { $status }, but did not give the challenge back.
check-webhook-another = { $url } gives challenges back, but another installation does it, or one with another secrets.key.
check-webhook-other-mend = Look where the name of this address leads (DNS, proxy, load balancer): it must be this installation, and all its processes must share database and secrets.key.
check-webhook-unreached = { $url } cannot be reached: { $why }
check-webhook-late = { $url } did not answer within { $seconds } s.
check-webhook-reach-mend = Look at DNS, certificate and proxy: { $url } must lead here from the open network. Opened in a browser it must answer 403.
check-needs-verification = Not tried, since the verification did not succeed.
check-delivery-ok = A signed post to { $url } arrived in the intake log.
check-delivery-elsewhere = { $url } took a signed post, but it did not arrive in the intake log here.
check-delivery-signature = { $url } refused the signature of our own app secret.
check-delivery-signature-mend = Something on the way changes the body, or another process there has another secret. Proxies must pass bodies on as they are.
check-delivery-refused = { $url } answered a signed post with { $status }.
check-log-unreadable = The intake log cannot be read; look at the server's log.
check-needs-app = Not looked at: the app's id and secret are needed first.
check-subscription-ok = The app sends all { $count } fields that are handled here to { $url }.
check-subscription-none = The app is not subscribed to the webhooks of WhatsApp.
check-subscription-elsewhere = The app's webhooks go to { $there }, not to { $ours }.
check-subscription-inactive = The app's subscription is not active.
check-subscription-fields = The app is not subscribed to: { $fields }.
check-subscription-refused = Meta does not tell the app's subscription: { $why }
check-subscription-mend = Press “Subscribe” here. By hand: in the app's dashboard, WhatsApp → Configuration → Webhook, enter the address and the verify token, and subscribe to the fields.
check-token-ok = The system user's token works, has all permissions, and does not end.
check-token-ends = The system user's token works, has all permissions, and ends in { $days ->
    [one] { $days } day
   *[other] { $days } days
    }.
check-token-ends-soon = The system user's token works, but ends in { $days ->
    [one] { $days } day
   *[other] { $days } days
    }.
check-token-missing = The system user's token is not set.
check-token-unneeded = No system user's token is set; it is needed only to share numbers of an account of your own, or as a solution partner.
check-token-invalid = Meta does not take the system user's token any more: it has ended, or was revoked.
check-token-other-app = The token was made for the app { $of }, not for { $ours }.
check-token-scopes = The token lacks: { $scopes }.
check-token-refused = Meta does not say what the token may do: { $why }
check-token-mend = In the business settings, Users → System users: choose one (admin), Generate token, this app, expiry “never”, with whatsapp_business_messaging, whatsapp_business_management and, with a credit line, business_management.
check-needs-token = Not looked at: the system user's token is needed first.
check-waba-none = No account of the platform's own is set: every business connects its own.
check-waba-ok = The token reaches the account { $waba }; it has { $count } numbers.
check-waba-refused = Meta does not give the account: { $why }
check-waba-out-of-reach = The token has { $scopes }, but not for the account { $waba }.
check-waba-mend = In the business settings, Accounts → WhatsApp accounts: choose the account, assign the system user to it with full control, then make a new token.
check-waba-subscribed = The account { $waba } sends its webhooks to this app.
check-waba-unsubscribed = The account { $waba } does not send its webhooks to this app.
check-waba-override = Messages of the account { $waba } go to { $url } instead of the app's own address.
check-login-ok = The login configuration { $id } is set; Meta tells only in the sign-up window whether it is the right one.
check-login-missing = The login configuration is not set: no business can connect by the sign-up window.
check-login-mend = In the app's dashboard, Facebook Login for Business → Configurations: create one from the template “WhatsApp Embedded Signup” and copy its id here.
check-credit-none = No line of credit is set: businesses pay Meta themselves.
check-credit-ok = The line of credit { $id } of { $owner } is there.
check-credit-other = The portfolio has no line of credit { $id }; it has: { $there }.
check-credit-refused = Meta does not tell the portfolio's lines of credit: { $why }
check-credit-mend = In the business settings, Billing & payments → Credit lines shows the id. Only solution partners have one; without it leave the setting empty.
check-credit-no-business = A line of credit is set, but not the portfolio whose it is.
check-credit-no-business-mend = In the business settings, Business info shows the id of the portfolio. Copy it here.
check-meta-silent = Meta did not answer: { $why }
check-meta-late = Meta did not answer within { $seconds } s.
check-meta-silent-mend = Look whether this machine reaches graph.facebook.com, and at metastatus.com/whatsapp-business-api; then try again.

alert-template-paused = WhatsApp has paused the template { $template } ({ $language })
alert-template-paused-detail = People complained about messages with it. { $count } messages wait. { $ends ->
    [never] It stays paused until somebody lets it go again.
   *[other] The pause ends at { $paused_until }.
 }
alert-template-paused-action = Send less often and only what people asked for, and improve the text. After the third pause WhatsApp switches a template off for good.
alert-template-disabled = WhatsApp has switched off the template { $template } ({ $language })
alert-template-disabled-detail = It cannot be sent any more. { $count } messages wait for it.
alert-template-disabled-action = Write a new template with another text, and cancel what waits.
alert-template-rejected = WhatsApp has rejected the new text of the template { $template } ({ $language })
alert-template-rejected-detail = It cannot be sent. { $count } messages wait for it.
alert-template-rejected-action = Correct the text on the page of the template; what waits goes out when it is approved.
alert-template-became-marketing = WhatsApp has made { $template } ({ $language }) a marketing template
alert-template-became-marketing-detail = { $count } messages wait. As marketing they cost the marketing rate of each country, several times that of a utility message in most, also in a conversation that is open, and people who opted out of marketing do not get them.
alert-template-became-marketing-action = Decide on the page of the template whether what waits is sent or cancelled. You can ask WhatsApp within 60 days to look at it again, in WhatsApp Manager.
alert-template-category = WhatsApp will change the category of { $template } ({ $language })
alert-template-category-detail = It is { $category } and becomes { $new_category } at { $at }. Marketing messages cost several times as much as utility messages in most countries, and people who opted out do not get them.
alert-template-category-action = Take out what reads like an offer, make a copy of the template as a replacement, or ask WhatsApp in WhatsApp Manager to look at it again.
