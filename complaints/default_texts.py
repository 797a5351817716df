"""The texts that every installation starts with: acknowledgement, dispatch, report to the manufacturer."""

from __future__ import annotations

from complaints.models import Text

ACKNOWLEDGE = (
    "{customer}您好，您反映的情况我们已经登记，编号 {number}。\n"
    "{deadline}之前会有专人与您联系。\n"
    "最迟 {legal} 前，我们会把处理结果告诉您。\n"
    "有补充请拨打 {hotline}，报编号即可。",
    "{customer}, your concern is registered under number {number}.\n"
    "One of us will call you before {deadline}.\n"
    "You will hear the result by {legal} at the latest.\n"
    "To add something, please call {hotline} and give the number.",
)
DISPATCH = (
    "【投诉派单】{number} {level}\n"
    "客户：{customer} {phone}\n"
    "车辆：{vehicle}\n"
    "类别：{category}\n"
    "反映：{words}\n"
    "诉求：{demand}\n"
    "处理人：{handler}\n"
    "期限：{deadline}\n"
    "{link}",
    "[Complaint] {number} {level}\n"
    "Customer: {customer} {phone}\n"
    "Car: {vehicle}\n"
    "Category: {category}\n"
    "Says: {words}\n"
    "Wants: {demand}\n"
    "Handler: {handler}\n"
    "Until: {deadline}\n"
    "{link}",
)
MANUFACTURER = (
    "【重大投诉上报】{store}\n"
    "编号：{number}（{level}），来源：{source} {external}\n"
    "接到时间：{received}\n"
    "车辆：{vehicle}，车架号 {vin}\n"
    "客户：{customer}\n"
    "反映：{words}\n"
    "诉求：{demand}\n"
    "现由 {handler} 处理，每日更新进展。\n"
    "本店联系电话：{hotline}",
    "[Grave complaint] {store}\n"
    "Number: {number} ({level}), source: {source} {external}\n"
    "Received: {received}\n"
    "Car: {vehicle}, VIN {vin}\n"
    "Customer: {customer}\n"
    "Says: {words}\n"
    "Wants: {demand}\n"
    "Handled by {handler}, with an update every day.\n"
    "Our telephone: {hotline}",
)
TEXTS = {
    Text.Code.ACKNOWLEDGE: ACKNOWLEDGE,
    Text.Code.DISPATCH: DISPATCH,
    Text.Code.MANUFACTURER: MANUFACTURER,
}


def install() -> int:
    """Add the company's texts that are missing; gives how many are new. Safe to run again."""
    made = 0
    for code, (text_zh, text_en) in TEXTS.items():
        values = {"text_zh": text_zh, "text_en": text_en}
        made += Text.objects.get_or_create(store=None, code=code, defaults=values)[1]
    return made
