"""What can be answered to a question about one concept."""

from openkap.apps.chart.models import Answer

REPLIES = Answer.Reply.choices
