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
email-wrong = Enter an e-mail address, such as maria@example.com.
email-taken = This address already belongs to an account.
password-short = Use at least 10 characters.
password-long = Use at most 200 characters.
password-easy = This is too easy to guess. Use a few words that belong together only for you.
password-wrong = This is not your password.

mail-invitation-subject = { $by } invites you to { $place }
mail-invitation = Hello,

    { $by } invites you to { $place }. Open this link to join; it works for { $days } days:

    { $link }

    If you did not expect this, ignore it.
mail-reset-subject = Set a new password
mail-reset = Hello { $name },

    open this link to set a new password for { $email }; it works for one hour:

    { $link }

    If you did not ask for it, ignore it: your password stays as it is.
