"""The words that fill a script's variables: what is read aloud is Chinese, whatever the language of the page."""

from customers.models import JobType
from revisits.models import Anchor

#: what we did on the day that the call refers to
WHAT_OF_JOB = {
    JobType.FIRST_SERVICE: "在本店做了首次保养",
    JobType.SCHEDULED: "在本店做了定期保养",
    JobType.ACCIDENT: "在本店做了事故维修",
    JobType.WARRANTY: "在本店做了索赔维修",
    JobType.BODY: "在本店做了钣金喷漆",
    JobType.REWORK: "在本店做了返修",
}
SERVICED, DELIVERED, COMPLAINED = "在本店做了维修", "在本店提车", "向我们反映了问题"
SOMEBODY, CAR = "车主", "爱车"
EITHER = "先生/女士"
SALUTATIONS = {"m": "先生", "f": "女士"}
DAY, DAY_OF_YEAR = "{month}月{day}日", "{year}年{month}月{day}日"
HOTLINE, OUR_HOTLINE = "服务热线{number}", "本店服务热线"
NO_PLATE, LONG_AGO = "还没有登记车牌", "很久以前"
COMMA, AND = "、", "和"
OTHER_CAR = "您名下的另一台车"
#: what else a call is for, by the anchor of the rule
PURPOSE = {
    Anchor.DELIVERY: "新车交付的回访",
    Anchor.ORDER: "维修服务的回访",
    Anchor.REWORK: "返修的回访",
    Anchor.COMPLAINT_SOLVED: "您反映的事情",
    Anchor.COMPLAINT_CLOSED: "您反映的事情",
    Anchor.FIRST_SERVICE: "首次保养",
    Anchor.MAINTENANCE: "定期保养",
    Anchor.INSURANCE: "续保",
    Anchor.INSPECTION: "年检",
    Anchor.WARRANTY: "质保到期",
    Anchor.BIRTHDAY: "您的生日",
    Anchor.ANNIVERSARY: "购车周年",
    Anchor.LAST_VISIT: "下次保养",
}
#: an invented customer, to look at a script by
EXAMPLE = {
    "customer": "周晓岚",
    "salutation": "女士",
    "store": "城东店",
    "me": "陈静",
    "car": "星途 L7",
    "plate": "苏E·7K2A9",
    "date": "9月13日",
    "what": "在本店做了定期保养",
    "due": "10月8日",
    "last_visit": "2025年11月2日",
    "years": "2",
    "minutes": "3",
    "purposes": "续保和年检",
    "hotline": HOTLINE.format(number="0512-6000 1234"),
}
#: the text message offered where nobody hears us
TEXT_MESSAGE = (
    "{customer}{salutation}您好，我是{store}客户关系中心的{me}，刚才打电话想回访您的用车情况，没能接通。"
    "您方便时可以回电{hotline}，或告诉我们合适的时间。"
)
