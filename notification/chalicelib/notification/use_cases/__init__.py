"""What the notification service does, one file a use case."""

from chalicelib.notification.use_cases.mail_invoice import MailInvoice
from chalicelib.notification.use_cases.note_mail_event import NoteMailEvent
from chalicelib.notification.use_cases.resend_mails import ResendMails

__all__ = ["MailInvoice", "NoteMailEvent", "ResendMails"]
